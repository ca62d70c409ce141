import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { incomingActions } from '@voltgate/shared/ocpp16/incoming/index.ts';
import { outgoingActions } from '@voltgate/shared/ocpp16/outgoing/index.ts';
import { compileOnce, type Validate } from '@voltgate/shared/ocpp16/validate.ts';
import type { ErrorObject } from 'ajv';
import fc from 'fast-check';
import { mutatedPayload } from './mutation.ts';
import { type OfficialSchema, officialVerdict, validPayload } from './official-schema.ts';

const root = resolve(import.meta.dirname, '../../..');
const folder = resolve(root, process.env.OCPP16_SCHEMAS ?? '../shared/ocpp16-schemas');
const seed = Number(process.env.OCPP16_SEED ?? 16);
const payloadsEach = 500;

/** All that we accept and the published schemas do not: ways to write a timestamp that real chargers have. */
const justified: readonly { readonly difference: string; readonly pattern: RegExp }[] = [
  { difference: 'no zone (read as UTC)', pattern: /^[^ tT]+[ tT][\d:.,]+$/ },
  { difference: 'a comma before the fraction', pattern: /:\d\d,\d+/ },
  { difference: 'a blank instead of the T', pattern: /^\d{4}-\d\d-\d\d / },
  { difference: 'no seconds', pattern: /[ tT]\d\d:\d\d(?:[zZ+-]|$)/ },
  { difference: 'no colon in the offset', pattern: /[+-]\d{4}$/ },
  { difference: 'second 60 where UTC has no leap second', pattern: /:60(?:\D|$)/ },
];
const seen = new Map<string, number>();
const compared = { schemas: 0, valid: 0, mutated: 0, refused: 0 };

const skip = existsSync(folder) ? false : `no official schemas: OCPP16_SCHEMAS names no folder, and ${folder} is none`;

describe('official schemas', { skip }, () => {
  const files = skip ? [] : readdirSync(folder).filter((name) => name.endsWith('.json'));

  test('every action has both of its schemas, and every schema its action', () => {
    const actions = new Set([...incomingActions.keys(), ...outgoingActions.keys()]);
    const expected = [...actions].flatMap((action) => [`${action}.json`, `${action}Response.json`]);
    assert.deepEqual(files.toSorted(), expected.toSorted());
  });

  for (const file of files) {
    test(`ours and the official ${file} accept and refuse the same`, () => {
      const schema = JSON.parse(readFileSync(join(folder, file), 'utf8')) as OfficialSchema;
      const official = officialVerdict(schema);
      const ours = validatorsOf(file.slice(0, -'.json'.length));
      assert.ok(ours.length > 0);
      compared.schemas += 1;
      for (const payload of fc.sample(validPayload(schema, schema), { numRuns: payloadsEach, seed })) {
        assert.deepEqual(official(payload), [], `generated as valid: ${JSON.stringify(payload)}`);
        for (const validate of ours) assertAgreement(payload, [], validate);
        compared.valid += 1;
      }
      for (const payload of fc.sample(mutatedPayload(schema), { numRuns: payloadsEach, seed })) {
        const errors = official(payload);
        for (const validate of ours) assertAgreement(payload, errors, validate);
        compared.mutated += 1;
        if (errors.length > 0) compared.refused += 1;
      }
    });
  }

  test('every justified difference was met, and most mutations were refused', () => {
    assert.deepEqual([...seen.keys()].toSorted(), justified.map(({ difference }) => difference).toSorted());
    assert.ok(compared.refused > compared.mutated / 2);
  });

  after(() => {
    if (skip) return;
    const { schemas, valid, mutated, refused } = compared;
    console.log(
      `seed ${seed}: ${schemas} schemas, ${valid} valid and ${mutated} mutated payloads (${refused} refused)`,
    );
    for (const [difference, times] of seen) console.log(`justified difference, ${times} times: ${difference}`);
  });
});

function validatorsOf(name: string): readonly Validate[] {
  const isResponse = name.endsWith('Response');
  const action = isResponse ? name.slice(0, -'Response'.length) : name;
  const [came, goes] = [incomingActions.get(action), outgoingActions.get(action)];
  return [
    ...(came ? [isResponse ? compileOnce(came.response) : came.validate] : []),
    ...(goes ? [isResponse ? goes.validateResponse : goes.validateRequest] : []),
  ];
}

function assertAgreement(payload: unknown, errors: readonly ErrorObject[], validate: Validate): void {
  const violations = validate(payload);
  if ((violations === undefined) === (errors.length === 0)) return;
  const text = JSON.stringify(payload)?.slice(0, 500);
  assert.equal(violations, undefined, `only ours refuses ${text}`);
  for (const { keyword, schema, data } of errors) {
    const found = justified.filter(
      ({ pattern }) => keyword === 'format' && schema === 'date-time' && pattern.test(String(data)),
    );
    assert.ok(found.length > 0, `only the official schema refuses ${text}: ${keyword} ${String(data)}`);
    for (const { difference } of found) seen.set(difference, (seen.get(difference) ?? 0) + 1);
  }
}
