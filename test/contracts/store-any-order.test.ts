import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upsertIdTag } from '@voltgate/shared/store/administration.ts';
import type { PostgresStore } from '@voltgate/shared/store/postgres.ts';
import fc from 'fast-check';
import { minute, reading, registerAt, start, stop } from '../support/store-messages.ts';
import { withEveryPool } from '../support/test-store.ts';

const RUNS = 25;
const seed = Number(process.env.FAST_CHECK_SEED ?? 20260131);

/** What happened at one charge point: sessions one after another on each connector, each on a tag of its own. */
const session = fc.record({
  connectorId: fc.integer({ min: 1, max: 2 }),
  gainsWh: fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 4 }),
  /** The register starts again at 0 after this sample, if there are so many. */
  resetAfter: fc.option(fc.integer({ min: 0, max: 3 }), { freq: 4 }),
  stopNamesTag: fc.boolean(),
  withData: fc.boolean(),
});
type Session = typeof session extends fc.Arbitrary<infer T> ? T : never;

/** One step of a session; `sent` says with which transaction id: its own (known after the Start) or none (-1). */
type Step = { readonly session: number; readonly kind: 'start' | 'stop' | 'sample'; readonly sample: number };

const history = fc.array(session, { minLength: 1, maxLength: 4 }).chain((sessions) =>
  fc.record({
    sessions: fc.constant(sessions),
    steps: fc.shuffledSubarray(twice(stepsOf(sessions)), { minLength: twice(stepsOf(sessions)).length }),
  }),
);

function stepsOf(sessions: readonly Session[]): Step[] {
  return sessions.flatMap((one, index): Step[] => [
    { session: index, kind: 'start', sample: 0 },
    ...one.gainsWh.map((_, sample): Step => ({ session: index, kind: 'sample', sample })),
    { session: index, kind: 'stop', sample: 0 },
  ]);
}

const twice = <T>(values: readonly T[]): T[] => [...values, ...values];

/** The messages of one session, made once: a retry has the same content. */
function messagesOf(one: Session, index: number, chargePointId: string) {
  const from = minute(index * 30);
  const at = (step: number) => new Date(from.getTime() + step * 60_000);
  const registers: number[] = [];
  let register = 100_000 + index * 50_000;
  const meterStartWh = register;
  for (const [place, gain] of one.gainsWh.entries()) {
    register = one.resetAfter !== null && place === one.resetAfter + 1 ? gain : register + gain;
    registers.push(register);
  }
  const base = { chargePointId, connectorId: one.connectorId, idTag: `TAG${index}` };
  return {
    start: start({ ...base, startedAt: at(0), meterStartWh }),
    samples: registers.map((registerWh, place) => ({ registerWh, sampledAt: at(place + 1) })),
    stop: {
      chargePointId,
      idTag: one.stopNamesTag ? base.idTag : null,
      stoppedAt: at(10),
      meterStopWh: register,
      meterValues: one.withData ? [registerAt(at(10), register)] : [],
    },
  };
}

async function live(store: PostgresStore, chargePointId: string, sessions: readonly Session[], steps: readonly Step[]) {
  const messages = sessions.map((one, index) => messagesOf(one, index, chargePointId));
  const ids = new Map<number, number>();
  for (const step of steps) {
    const said = messages[step.session];
    if (!said) continue;
    const { connectorId } = said.start;
    if (step.kind === 'start') {
      const { transactionId } = await store.startTransaction(said.start);
      assert.equal(transactionId, ids.get(step.session) ?? transactionId);
      ids.set(step.session, transactionId);
    } else if (step.kind === 'stop') {
      // A charger names the id it was given; a session it was given none for always names its tag here.
      const transactionId = ids.get(step.session) ?? -1;
      // Without an id, a Stop below the register of its Start fits nothing: it is said again in the end.
      if (transactionId === -1 && said.stop.meterStopWh < said.start.meterStartWh) continue;
      const idTag = transactionId === -1 ? said.start.idTag : said.stop.idTag;
      await store.stopTransaction(stop({ ...said.stop, idTag, transactionId }));
    } else {
      const sample = said.samples[step.sample];
      const transactionId = ids.get(step.session) ?? -1;
      if (sample) await store.meterReadings([reading({ ...sample, chargePointId, connectorId, transactionId })]);
    }
  }
  // At least once: what could not be said yet is said in the end.
  for (const [index, said] of messages.entries()) {
    const transactionId = ids.get(index);
    const { connectorId } = said.start;
    if (transactionId) await store.stopTransaction(stop({ ...said.stop, transactionId }));
    await store.meterReadings(
      said.samples.map((sample) => reading({ ...sample, chargePointId, connectorId, transactionId })),
    );
  }
}

async function rowsOf(store: PostgresStore, chargePointId: string) {
  const rows = await store.sql`
    select connector_id, id_tag, meter_start_wh, started_at, status, suspect_since, last_register_wh, last_register_at,
      meter_stop_wh, stopped_at, stopped_by, stop_reason, energy_wh, energy_source, array_remove(flags, 'matched-orphan') as flags,
      id_tag_info, (select count(*) from meter_value v where v.transaction_id = t.id) as samples
    from transaction t where charge_point_id = ${chargePointId} order by started_at`;
  return JSON.parse(JSON.stringify(rows));
}

withEveryPool('any order', (openStore) => {
  test('starts, stops, samples and their retries end in the same rows in any order', async (t) => {
    const store = await openStore(t);
    for (const index of [0, 1, 2, 3]) await upsertIdTag(store.db, { idTag: `TAG${index}` });
    let run = 0;
    t.diagnostic(`seed ${seed}`);
    await fc.assert(
      fc.asyncProperty(history, async ({ sessions, steps }) => {
        run += 1;
        await live(store, `ordered${run}`, sessions, stepsOf(sessions));
        await live(store, `shuffled${run}`, sessions, steps);
        const expected = await rowsOf(store, `ordered${run}`);
        assert.equal(expected.length, sessions.length);
        for (const row of expected) assert.equal(row.status, 'stopped');
        assert.deepEqual(await rowsOf(store, `shuffled${run}`), expected);
      }),
      { numRuns: RUNS, seed },
    );
  });
});
