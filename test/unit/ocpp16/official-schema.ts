import { Ajv, type ErrorObject } from 'ajv';
import fc from 'fast-check';

/** The parts of JSON Schema the published OCPP 1.6 files use. */
export type OfficialSchema = {
  readonly type?: string;
  readonly $ref?: string;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly maxLength?: number;
  readonly multipleOf?: number;
  readonly minItems?: number;
  readonly items?: OfficialSchema;
  readonly properties?: Readonly<Record<string, OfficialSchema>>;
  readonly required?: readonly string[];
  readonly definitions?: Readonly<Record<string, OfficialSchema>>;
};

/** What the official schema says of a payload: its errors, none when it is valid. */
export type Verdict = (payload: unknown) => readonly ErrorObject[];

/** Compiles a published file, with date-time and uri as strict as their RFCs. */
export function officialVerdict(file: Readonly<Record<string, unknown>>): Verdict {
  // ajv knows no draft-04; nothing in the files differs between the drafts but the words at the top.
  const { $schema: _, $id: __, ...schema } = file;
  const ajv = new Ajv({
    strict: false,
    allErrors: true,
    verbose: true,
    multipleOfPrecision: 6,
    formats: { 'date-time': isRfc3339, uri: /^[a-z][a-z\d+.-]*:[^\s<>"{}|\\^`]+$/i },
  });
  const validate = ajv.compile(schema);
  return (payload) => (validate(payload) ? [] : [...(validate.errors ?? [])]);
}

/** The schema a $ref stands for; itself without one. */
export function resolve(schema: OfficialSchema, root: OfficialSchema): OfficialSchema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : (root.definitions?.[name] ?? {});
}

/** Payloads the official schema accepts. */
export function validPayload(reference: OfficialSchema, root: OfficialSchema): fc.Arbitrary<unknown> {
  const schema = resolve(reference, root);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'string':
      return validText(schema);
    case 'integer':
      return fc.oneof(fc.integer(), fc.constantFrom(0, -1, 2 ** 31, 2 ** 53 - 1));
    case 'number':
      return fc.integer({ min: -1_000_000, max: 1_000_000 }).map((tenths) => tenths / 10);
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(validPayload(schema.items ?? {}, root), { minLength: schema.minItems ?? 0, maxLength: 3 });
    default: {
      const entries = Object.entries(schema.properties ?? {});
      const fields: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(
        entries.map(([key, field]) => [key, validPayload(field, root)]),
      );
      return fc.record(fields, { requiredKeys: [...(schema.required ?? [])], noNullPrototype: true });
    }
  }
}

function validText({ format, maxLength }: OfficialSchema): fc.Arbitrary<string> {
  if (format === 'uri')
    return fc.oneof(fc.webUrl(), fc.constantFrom('ftp://a:b@h.example/x%20y', 'urn:x:y', 'https://[::1]:1/'));
  if (format === 'date-time') return timestamp;
  const most = maxLength ?? 1000;
  return fc.oneof(
    { weight: 8, arbitrary: fc.string({ unit: 'binary', maxLength: Math.min(most, 60) }) },
    { weight: 1, arbitrary: fc.constantFrom('x'.repeat(most), '€'.repeat(most), '🔌'.repeat(most), '') },
  );
}

const timestamp = fc
  .tuple(
    fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
    fc.constantFrom('', '.5', '.123', '.123456789'),
    fc.constantFrom('Z', 'z', '+00:00', '-11:30', '+23:59'),
    fc.constantFrom('T', 't'),
  )
  .map(([date, fraction, zone, t]) => `${date.toISOString().slice(0, 19).replace('T', t)}${fraction}${zone}`);

function isRfc3339(text: string): boolean {
  const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|([+-])(\d\d):(\d\d))$/i.exec(text);
  if (!found) return false;
  const number = (index: number) => Number(found[index] ?? 0);
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map(number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return false;
  if (hour > 23 || minute > 59 || number(8) > 23 || number(9) > 59) return false;
  const offset = (found[7] === '-' ? -1 : 1) * (number(8) * 60 + number(9));
  // RFC 3339 5.6: a leap second is the last one of a day, in UTC.
  const utcMinute = (((hour * 60 + minute - offset) % 1440) + 1440) % 1440;
  return second <= 59 || (second === 60 && utcMinute === 1439);
}
