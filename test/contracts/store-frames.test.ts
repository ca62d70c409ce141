import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FrameRecord } from '@voltgate/shared/ports.ts';
import { dropFramePartitionsBefore, ensureFramePartitions } from '@voltgate/shared/store/frame-partitions.ts';
import { type FrameQuery, readFrames } from '@voltgate/shared/store/read-frames.ts';
import { newTraceId } from '@voltgate/shared/trace.ts';
import { withEveryPool } from '../support/test-store.ts';

const nowMs = Date.now();
const frame = (values: Partial<FrameRecord> = {}): FrameRecord => ({
  chargePointId: 'CP',
  connectionId: 'connection',
  gatewayId: 'gateway',
  atMs: nowMs,
  direction: 'in',
  kind: 'call',
  messageId: '1',
  action: 'Heartbeat',
  text: '[2,"1","Heartbeat",{}]',
  latencyMs: null,
  errorCode: null,
  traceId: newTraceId(),
  ...values,
});
const everything: FrameQuery = { after: null, limit: 100 };

withEveryPool('message log', (openStore) => {
  test('frames are kept as told and read newest first, page by page', async (t) => {
    const store = await openStore(t);
    await store.sql`truncate frame`;
    const frames = Array.from({ length: 10 }, (_, index) =>
      frame({ messageId: `${index}`, atMs: nowMs + Math.floor(index / 3) }),
    );
    await store.frames(frames);
    const seen: string[] = [];
    let after: FrameQuery['after'] = null;
    for (;;) {
      const rows = await readFrames(store.db, { after, limit: 4 });
      seen.push(...rows.map(({ messageId }) => messageId));
      after = rows.at(-1) ?? null;
      if (rows.length < 4) break;
    }
    assert.deepEqual(seen, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map(String));
    const [newest] = await readFrames(store.db, everything);
    const { traceId, ...told } = frames[9] ?? frame();
    const { id, at, ...row } = newest ?? assert.fail('no row');
    assert.deepEqual({ ...row, atMs: at.getTime(), traceId: row.traceId?.replaceAll('-', '') }, { ...told, traceId });
    assert.ok(id > 0);
  });

  test('frames are found by charge point, action, direction, error and time', async (t) => {
    const store = await openStore(t);
    await store.sql`truncate frame`;
    await store.frames([
      frame({ messageId: 'other', chargePointId: 'OTHER' }),
      frame({ messageId: 'boot', action: 'BootNotification' }),
      frame({ messageId: 'out', direction: 'out', kind: 'result', latencyMs: 1.5 }),
      frame({ messageId: 'bad', kind: 'unreadable', errorCode: 'FormationViolation' }),
      frame({ messageId: 'late', atMs: nowMs + 60_000 }),
    ]);
    const found = async (query: Partial<FrameQuery>) =>
      (await readFrames(store.db, { ...everything, ...query })).map(({ messageId }) => messageId).toSorted();
    assert.deepEqual(await found({ chargePointId: 'OTHER' }), ['other']);
    assert.deepEqual(await found({ action: 'BootNotification' }), ['boot']);
    assert.deepEqual(await found({ direction: 'out' }), ['out']);
    assert.deepEqual(await found({ errors: true }), ['bad']);
    assert.deepEqual(await found({ from: new Date(nowMs + 1) }), ['late']);
    assert.deepEqual(await found({ to: new Date(nowMs) }), []);
  });

  test('text that Postgres cannot hold is kept all the same', async (t) => {
    const store = await openStore(t);
    await store.sql`truncate frame`;
    await store.frames([frame({ text: 'a\0b\uD800"\\{}', errorCode: 'x\0', action: 'y\0', traceId: 'none' })]);
    const [row] = await readFrames(store.db, everything);
    assert.deepEqual([row?.text, row?.traceId], ['a\uFFFDb\uFFFD"\\{}', null]);
  });

  test('frames live in days made ahead, and a day past retention goes at once', async (t) => {
    const store = await openStore(t);
    await store.sql`truncate frame`;
    const old = new Date('2020-01-01T12:00:00Z');
    await store.frames([frame(), frame({ atMs: old.getTime() })]);
    await ensureFramePartitions(store.sql, { from: old, to: old });
    const homes = await store.sql`select tableoid::regclass::text as home from frame order by at`;
    const today = `frame_${new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '')}`;
    assert.deepEqual(
      homes.map(({ home }) => home),
      ['frame_20200101', today],
    );
    assert.deepEqual(await dropFramePartitionsBefore(store.sql, new Date('2020-01-03')), ['frame_20200101']);
    assert.equal((await readFrames(store.db, everything)).length, 1);
  });

  test('errors have an index of their own, on the days made later as well', async (t) => {
    const store = await openStore(t);
    const day = new Date(Date.now() + 40 * 86_400_000);
    const [made = 'none'] = await ensureFramePartitions(store.sql, { from: day, to: day });
    const indexes = await store.sql<{ tablename: string }[]>`
      select tablename from pg_indexes where indexdef like '%(at, id) WHERE (error_code IS NOT NULL)'`;
    const covered = new Set(indexes.map(({ tablename }) => tablename));
    const partitions = await store.sql<{ name: string }[]>`
      select inhrelid::regclass::text as name from pg_inherits where inhparent = 'frame'::regclass`;
    assert.ok(partitions.some(({ name }) => name === made));
    for (const { name } of partitions) assert.ok(covered.has(name), name);
    await store.sql`drop table ${store.sql(made)}`;
  });
});
