import fc from 'fast-check';
import { type OfficialSchema, resolve, validPayload } from './official-schema.ts';

type Place = { readonly schema: OfficialSchema; readonly value: unknown; readonly put: (value: unknown) => unknown };

/** Valid payloads of the schema, each spoilt (or not quite) once or twice at places of any depth. */
export function mutatedPayload(root: OfficialSchema): fc.Arbitrary<unknown> {
  return fc
    .tuple(validPayload(root, root), fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 2 }))
    .map(([payload, choices]) =>
      choices.reduce((spoilt: unknown, [where, what]) => {
        const all = places(spoilt, root, root, (value) => value);
        const place = all[where % all.length];
        const variants = place === undefined ? [] : spoil(place);
        return place?.put(variants[what % variants.length]) ?? null;
      }, payload),
    );
}

function places(value: unknown, reference: OfficialSchema, root: OfficialSchema, put: Place['put']): Place[] {
  const schema = resolve(reference, root);
  const here: Place = { schema, value, put };
  if (Array.isArray(value)) {
    const inside = value.flatMap((item, index) =>
      places(item, schema.items ?? {}, root, (changed) => put(value.with(index, changed))),
    );
    return [here, ...inside];
  }
  if (typeof value !== 'object' || value === null) return [here];
  const inside = Object.entries(value).flatMap(([key, item]) =>
    places(item, schema.properties?.[key] ?? {}, root, (changed) => put({ ...value, [key]: changed })),
  );
  return [here, ...inside];
}

function spoil({ schema, value }: Place): readonly unknown[] {
  const strangers: readonly unknown[] = [null, true, 'text', '', 7, 1.5, [], {}, [null], { a: 1 }];
  if (Array.isArray(value)) return [[], [...value, null], [...value, {}], { ...value }, ...strangers];
  if (typeof value === 'object' && value !== null) {
    const without = (schema.required ?? []).map((key) => omit(value, key));
    const emptied = Object.keys(value).map((key) => ({ ...value, [key]: null }));
    const added = ['vendorExtension', 'a/b~c', '', 'constructor'].map((key) => ({ ...value, [key]: 1 }));
    // The commonest faults, again, so that payloads with many fields see them too.
    return [...without, ...without, ...emptied, ...added, { ...value, id: null }, ...strangers];
  }
  if (typeof value === 'number')
    return [String(value), value + 0.5, value + 0.05, value + 0.1, -value, 1e300, ...strangers];
  if (typeof value === 'boolean') return ['true', 0, ...strangers];
  return [...spoilText(schema, String(value)), ...strangers];
}

function spoilText({ format, maxLength, enum: words }: OfficialSchema, text: string): readonly unknown[] {
  if (words) return ['Unknown', text.toLowerCase(), `${text} `, 'Celsius', 'Hertz', 'Local'];
  if (format === 'uri') return ['not a uri', '/relative', 'http://exa mple/', '//host/x', 'http:// host'];
  if (format === 'date-time') return timestamps;
  if (maxLength === undefined) return ['x'.repeat(20_000)];
  return ['x', '€', '🔌'].flatMap((letter) => [letter.repeat(maxLength), letter.repeat(maxLength + 1)]);
}

const timestamps = [
  ...['2026-01-31T12:00:00', '2026-01-31T12:00:00.5', '2026-01-31T12:00:00,123Z', '2026-01-31 12:00:00Z'],
  ...['2026-01-31T12:00Z', '2026-01-31T12:00', '2026-01-31 12:00', '2026-01-31T12:00:00+0100', '2026-01-31T12:00:60Z'],
  ...['2026-12-31T23:59:60Z', '2027-01-01T00:59:60+01:00', '2024-02-29T00:00:00Z', '0001-01-01T00:00:00Z'],
  ...['2026-02-29T00:00:00Z', '2026-02-30T00:00:00Z', '2026-04-31T00:00:00Z', '2026-13-01T00:00:00Z'],
  ...['2026-01-32T00:00:00Z', '2026-01-31T24:00:00Z', '2026-01-31T12:60:00Z', '2026-01-31T12:00:61Z', '2026-01-31'],
  ...['2026-01-31T12:00:00+24:00', '2026-01-31T12:00:00+01', '31.01.2026 12:00', '1769860800', '0000-00-00T00:00:00Z'],
  ...['2026-01-31T12:00:00.Z', '2026-01-31T12:00.5Z', '2026-1-31T12:00:00Z', ' 2026-01-31T12:00:00Z', 'now'],
];

function omit(value: object, field: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => key !== field));
}
