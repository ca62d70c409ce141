import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { until } from '../../support/until.ts';
import { command, type HttpAnswer, http } from '../http.ts';
import { type Asked, type Plug, Unplugged } from '../plug.ts';
import { openStage, type Stage } from '../stage.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

const BUSY = 6;
const CHARGERS = 24;
/** Per second, which is one round of the lease. */
const RATE = 4;
/** 20 % above the mean of three gateways. */
const SHED = Math.floor(CHARGERS - (CHARGERS / 3) * 1.2);

story(
  'idle chargers are spread over gateways that have none at the pace, down to near the mean; busy ones are left alone',
  async (t) => {
    const own = await openStage('cluster', { REBALANCE: 'on', REBALANCE_RATE: String(RATE), LEASE_RENEW_MS: '1000' });
    let isOver = false;
    t.after(async () => {
      isOver = true;
      await own.close();
    });
    const ids = Array.from({ length: CHARGERS }, () => own.newId());
    const moved = new Map<number, { readonly plug: Plug; readonly atMs: number }>();
    let gateway = 1;
    const come = async (id: string, index: number) => {
      const plug = await own.plug(t, id, { gateway: 0 });
      // As a charger does: closed, it connects again, and the balancer sends it to the gateways with the fewest.
      void plug.closed.then(async ({ code }) => {
        if (code !== 1001 || isOver) return;
        const atMs = performance.now();
        gateway = gateway === 1 ? 2 : 1;
        moved.set(index, { plug: await own.plug(t, id, { gateway }), atMs });
      });
      return plug;
    };
    // A Call is in flight to three, and three charge a car.
    const busy = await Promise.all(ids.slice(0, BUSY).map((id, index) => becomeBusy(t, own, id, index % 2 === 0)));
    const idle = await Promise.all(ids.slice(BUSY).map(come));

    const counts = async () =>
      (await gateways(own)).map(({ connections }) => connections).toSorted((one, other) => other - one);
    await until(async () => (await counts())[0] === CHARGERS - SHED && moved.size === SHED, { withinMs: 120_000 });
    // Two more rounds find nothing to do.
    await roundsPass(own, own.cluster.gateways[0]?.processId ?? '', 2);
    assert.deepEqual(await counts(), [CHARGERS - SHED, SHED / 2, SHED / 2]);
    assert.equal(moved.size, SHED);
    for (const { plug } of busy) assert.equal(plug.socket.readyState, plug.socket.OPEN, 'a busy one was cut');
    const closedAtMs = [...moved.values()].map(({ atMs }) => atMs);
    const tookMs = Math.max(...closedAtMs) - Math.min(...closedAtMs);
    assert.ok(tookMs > ((SHED / RATE - 1) * 1_000) / 2, `${SHED} sockets at ${RATE} per second within ${tookMs} ms`);

    // Nobody is lost.
    for (const { inFlight } of busy) {
      inFlight?.call.answer({ status: 'Accepted' });
      if (inFlight) assert.equal((await inFlight.answer).status, 200);
    }
    const all = [...busy.map(({ plug }) => plug), ...idle.map((plug, index) => moved.get(index)?.plug ?? plug)];
    await Promise.all(all.map((plug) => plug.ask('Heartbeat', {})));
  },
  'cluster',
);

type Busy = {
  readonly plug: Plug;
  readonly inFlight?: { readonly call: Asked; readonly answer: Promise<HttpAnswer> };
};

/** Until it is busy it may be sent away as any other, and comes again. */
async function becomeBusy(t: TestContext, stage: Stage, id: string, withCall: boolean): Promise<Busy> {
  for (;;) {
    const plug = await stage.plug(t, id, { gateway: 0 });
    try {
      if (withCall) {
        const answer = command(stage, id, 'ClearCache', {}, { query: '?timeout=600' });
        return { plug, inFlight: { call: await plug.asked('ClearCache'), answer } };
      }
      await plug.ask('StartTransaction', startOf());
      return { plug };
    } catch (error) {
      if (!(error instanceof Unplugged)) throw error;
    }
  }
}

const startOf = () => ({ connectorId: 1, idTag: 'ANY', meterStart: 0, timestamp: new Date().toISOString() });

type Shown = { readonly gatewayId: string; readonly connections: number; readonly leaseAgeMs: number };

/** As the first gateway lists them: it is there all the time. */
async function gateways(stage: Stage): Promise<readonly Shown[]> {
  const { body } = await http(stage, '/api/v1/gateways', { method: 'GET' });
  return body.items as readonly Shown[];
}

/** Renewals of a gateway's lease, each followed by a look at the balance. */
async function roundsPass(stage: Stage, gateway: string, rounds: number): Promise<void> {
  const ageMs = async () => {
    return (await gateways(stage)).find(({ gatewayId }) => gatewayId === gateway)?.leaseAgeMs ?? 0;
  };
  for (let round = 0; round < rounds; round++) {
    let before = await ageMs();
    await until(async () => {
      const now = await ageMs();
      const isRenewed = now < before;
      before = now;
      return isRenewed;
    });
  }
}
