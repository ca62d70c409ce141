import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createStore } from '@voltgate/shared/store/postgres.ts';
import { createChargePoint } from '../support/charge-point/charge-point.ts';
import { undoAfter } from '../support/cleanup.ts';
import { startCluster } from '../support/cluster.ts';
import { until } from '../support/until.ts';
import { type OwnServices, startOwnServices } from './own-services.ts';
import { signalTree } from './treat.ts';

const ID = 'CHAOS-1';
/** Far less than the 5 s to 12 s after which Postgres is given up; nobody who is answered waited for it. */
const AT_ONCE_MS = 3_000;

type Answer = {
  readonly status: number;
  readonly commandId: string;
  readonly ms: number;
  readonly body: Record<string, unknown>;
};

/** One gateway with a charger, each API key asked for anew with every request. */
async function open(t: TestContext, mode: 'cluster' | 'standalone') {
  const services = await startOwnServices();
  if (typeof services === 'string') return void t.skip(`no services of our own to treat badly: ${services}`);
  undoAfter(t, () => services.stop());
  const cluster = await startCluster({
    databaseUrl: services.postgres.url,
    redisUrl: mode === 'cluster' ? services.redis.url : undefined,
    gateways: 1,
    env: { UNKNOWN_CHARGE_POINTS: 'adopt', ALLOW_PROFILE_0: 'true', API_KEY_FRESH_MS: '0' },
  });
  undoAfter(t, () => cluster.stop());
  const charger = createChargePoint({ url: () => cluster.ocppUrls[0] ?? '', id: ID, connectors: 1 });
  charger.answer('DataTransfer', ({ data }) => ({ status: 'Accepted', data }));
  undoAfter(t, () => charger.stop());
  charger.start();
  await charger.ready(30_000);
  const url = `${cluster.gateways[0]?.apiUrl}/api/v1`;

  async function command(
    path: string,
    body: object,
    { key = cluster.apiKey, id = ID }: { readonly key?: string; readonly id?: string } = {},
  ): Promise<Answer> {
    const began = performance.now();
    const response = await fetch(`${url}/charge-points/${id}/commands/${path}`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    const commandId = response.headers.get('x-command-id') ?? '';
    return { status: response.status, commandId, ms: performance.now() - began, body: answer };
  }

  async function record(commandId: string): Promise<unknown> {
    const response = await fetch(`${url}/commands/${commandId}`, { headers: { 'x-api-key': cluster.apiKey } });
    return ((await response.json()) as { readonly status?: unknown }).status;
  }

  return { services, command, record };
}

type Outage = {
  readonly name: string;
  readonly mode: 'cluster' | 'standalone';
  begin(services: OwnServices): Promise<void>;
  end(services: OwnServices): Promise<void>;
};

const pause = {
  begin: async ({ postgres }: OwnServices) => signalTree(postgres.child.pid, 'SIGSTOP'),
  end: async ({ postgres }: OwnServices) => signalTree(postgres.child.pid, 'SIGCONT'),
};
const kill = {
  async begin({ postgres }: OwnServices) {
    signalTree(postgres.child.pid, 'SIGKILL');
    await postgres.child.ended;
  },
  end: (services: OwnServices) => services.restartPostgres(),
};

const outages: readonly Outage[] = [
  { name: 'paused', mode: 'cluster', ...pause },
  { name: 'killed', mode: 'cluster', ...kill },
  { name: 'paused', mode: 'standalone', ...pause },
];

for (const { name, mode, begin, end } of outages) {
  test(`${mode}, Postgres ${name}: commands are answered at once, and their records come afterwards`, {
    timeout: 600_000,
  }, async (t) => {
    const stage = await open(t, mode);
    if (!stage) return;
    const { services, command, record } = stage;
    const data = { vendorId: 'chaos', data: 'x' };
    assert.equal((await command('DataTransfer', data)).status, 200);
    assert.equal((await command('DataTransfer', data, { key: 'wrong' })).status, 401);
    assert.equal((await command('DataTransfer', data, { id: 'NOBODY' })).status, 404);
    await begin(services);
    // Whatever happens: a paused server cannot be stopped.
    let ended = false;
    undoAfter(t, () => (ended ? undefined : end(services)));
    const answers = {
      waited: await command('DataTransfer', data),
      again: await command('DataTransfer', data),
      stop: await command('RemoteStopTransaction', { transactionId: 4_711 }),
      accepted: await command('DataTransfer?wait=false', data),
      offline: await command('DataTransfer', data, { id: 'NOBODY' }),
      unknownKey: await command('DataTransfer', data, { key: 'wrong' }),
    };
    for (const [what, { status, ms }] of Object.entries(answers)) {
      t.diagnostic(`${what}: ${status} after ${ms.toFixed(0)} ms`);
      assert.ok(ms < AT_ONCE_MS, `${what} took ${ms} ms`);
    }
    const statuses = Object.values(answers).map(({ status }) => status);
    assert.deepEqual(statuses, [200, 200, 200, 202, 409, 401]);
    assert.deepEqual(answers.waited.body, { status: 'Accepted', data: 'x' });
    assert.equal(answers.offline.body.type, 'urn:voltgate:problem:charge-point-offline');
    await end(services);
    ended = true;
    const began = performance.now();
    for (const { commandId } of [answers.waited, answers.again, answers.stop, answers.accepted])
      await until(async () => (await record(commandId)) === 'answered', { withinMs: 60_000, everyMs: 200 });
    t.diagnostic(`all records ${((performance.now() - began) / 1_000).toFixed(1)} s after Postgres was back`);
    const store = createStore({ url: services.postgres.url, poolSize: 1 });
    undoAfter(t, () => store.close());
    const rows = await store.sql`select distinct charge_point_id from command`;
    assert.deepEqual([...rows], [{ chargePointId: ID }]);
  });
}
