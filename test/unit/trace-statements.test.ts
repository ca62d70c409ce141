import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summaryOf } from '@voltgate/shared/store/trace-statements.ts';

const statements: readonly (readonly [text: string, operation: string, collection: string | undefined])[] = [
  ['select 1', 'SELECT', undefined],
  ['commit', 'COMMIT', undefined],
  ['begin read write', 'BEGIN', undefined],
  ['select pg_advisory_xact_lock($1::int4, hashtext($2))', 'SELECT', undefined],
  ['select "id" from "id_tag" where "id_tag"."key" = $1', 'SELECT', 'id_tag'],
  ['insert into command (command_id) select c.id from unnest($1::uuid[]) as c (id)', 'INSERT', 'command'],
  [
    'with gone as (\n delete from event where at < (now()) returning id)\ninsert into transaction (id) values ($1)',
    'INSERT',
    'transaction',
  ],
  ['with c as (select 1) select c.* from c join unnest($1) as u on true', 'SELECT', 'c'],
  ['', 'SQL', undefined],
];

for (const [text, operation, collection] of statements) {
  test(`the span of "${text.replace(/\s+/g, ' ')}" is ${operation} ${collection ?? ''}`.trim(), () => {
    assert.deepEqual(summaryOf(text), { operation, collection });
  });
}
