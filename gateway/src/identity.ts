const LONGEST_ID = 48;

/**
 * The charge point id of a path such as `/ocpp/CP%201` or `/any/prefix/ocpp/CP1/`: the segment after the last `ocpp`,
 * decoded once. Undefined when there is none, or it is longer than 48 characters or holds control characters.
 * [OCPP-J 1.6, 3.1.1]
 */
export function chargePointIdOf(path: string): string | undefined {
  const match = /(?:^|\/)ocpp\/([^/]+)\/?$/.exec(path);
  if (!match?.[1]) return undefined;
  const id = decode(match[1]);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
  if (id === undefined || id.length > LONGEST_ID || id.trim() === '' || /[\u0000-\u001f\u007f-\u009f]/.test(id))
    return undefined;
  return id;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** Credentials of an `Authorization: Basic` header; the password as the bytes that were sent. */
export type BasicCredentials = { readonly user: string; readonly password: Buffer };

/** Reads the header, undefined when it is absent or not Basic. A password may contain colons and any bytes. */
export function basicCredentialsOf(header: string): BasicCredentials | undefined {
  const match = /^basic +([A-Za-z0-9+/_=-]+) *$/i.exec(header);
  if (!match?.[1]) return undefined;
  const bytes = Buffer.from(match[1], 'base64');
  const colon = bytes.indexOf(':');
  if (colon < 0) return undefined;
  return { user: bytes.subarray(0, colon).toString('utf8'), password: bytes.subarray(colon + 1) };
}
