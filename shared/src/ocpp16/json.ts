const UNSAFE_INTEGER_LIKELY = /\d{16}/;

/**
 * Parses JSON. Integers beyond 2^53 become bigint, so that no transaction id loses a digit; every other
 * value is what JSON.parse gives. Throws SyntaxError.
 */
export function parseJson(text: string): unknown {
  return UNSAFE_INTEGER_LIKELY.test(text) ? JSON.parse(text, keepBigIntegers) : JSON.parse(text);
}

/** Writes JSON; a bigint is written as its digits. */
export function writeJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof TypeError) return JSON.stringify(value, writeBigInteger);
    throw error;
  }
}

type SourceContext = { readonly source?: string };
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

function keepBigIntegers(_key: string, value: unknown, context?: SourceContext): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source ?? '';
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}

function writeBigInteger(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? rawJson(value.toString()) : value;
}
