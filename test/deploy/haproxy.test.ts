import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { createCommandClient, whenReady } from '@voltgate/shared/redis/client.ts';
import { createRedisRegistry } from '@voltgate/shared/redis/registry.ts';
import { undoAfter } from '../support/cleanup.ts';
import { until } from '../support/until.ts';
import { type Front, openFront } from './cluster-behind-haproxy.ts';
import { getOverTls } from './get-over-tls.ts';
import { haproxyMissing } from './haproxy.ts';
import { connectAll, connectCharger, cutAll, type TlsCharger } from './tls-chargers.ts';

const CHARGERS = 1_000;
const EVEN = 1.3;
const DELAY_MS = 8_000;
const skip = (await haproxyMissing()) ?? false;

type Chargers = Front & {
  /** Connects all at the same time; they are cut after the test. */
  connect(ids: readonly string[]): Promise<TlsCharger[]>;
  /** The gateway, `gateway-1` and so on, that owns each charger. */
  owners(ids: readonly string[]): Promise<Map<string, string>>;
  /** The status of a GET of the API through HAProxy. */
  visit(path: string): Promise<number>;
};

async function openToAll(t: TestContext, env: Readonly<Record<string, string>> = {}): Promise<Chargers> {
  const front = await openFront(t, { env: { UNKNOWN_CHARGE_POINTS: 'adopt', ALLOW_PROFILE_0: 'true', ...env } });
  const { cluster, haproxy, services } = front;
  const client = createCommandClient({ url: services.redis.url, cluster: false }, 'haproxy-test', 3_000);
  await whenReady(client, 3_000);
  const registry = createRedisRegistry(client);
  undoAfter(t, () => registry.close());
  const nameOf = (processId: string) => cluster.gateways.find((each) => each.processId === processId)?.id ?? processId;

  return {
    ...front,
    async connect(ids) {
      const chargers = await connectAll(ids, { url: haproxy.ocppUrl, certificate: haproxy.certificate });
      undoAfter(t, () => cutAll(chargers));
      return chargers;
    },
    async owners(ids) {
      const found = new Map<string, string>();
      for (const id of ids) {
        const owner = await registry.owner(id);
        assert.ok(owner, `${id} has no owner`);
        found.set(id, nameOf(owner.gatewayId));
      }
      return found;
    },
    async visit(path) {
      const key = { 'x-api-key': cluster.apiKey };
      return (await getOverTls(`${haproxy.apiUrl}${path}`, haproxy.certificate, key)).status;
    },
  };
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `CP-${String(index).padStart(4, '0')}`);

test(`${CHARGERS} chargers keep their gateway through a reload, and only those of a killed gateway move`, {
  skip,
  timeout: 300_000,
}, async (t) => {
  const { cluster, haproxy, connect, owners } = await openToAll(t);
  const ids = names(CHARGERS);
  const startedAtMs = performance.now();
  const first = await connect(ids);
  const connectMs = performance.now() - startedAtMs;
  const before = await owners(ids);
  const spread = countsOf(before);
  const ratio = unevenness(spread, 3);
  t.diagnostic(`spread ${shown(spread)}, max/mean ${ratio.toFixed(3)}`);
  t.diagnostic(`${CHARGERS} new chargers at once: all connected and answered in ${Math.round(connectMs)} ms`);
  assert.ok(ratio < EVEN);

  await haproxy.reload();
  assert.equal(closed(first).length, 0, 'a reload closes sockets');
  await cutAll(first);
  const againMs = performance.now();
  const second = await connect(ids);
  t.diagnostic(`the same after a reload, all at once: ${Math.round(performance.now() - againMs)} ms`);
  assert.deepEqual(await owners(ids), before, 'a charger has another gateway after the reload');

  const [killed] = cluster.gateways;
  assert.ok(killed);
  const theirs = ids.filter((id) => before.get(id) === killed.id);
  const killedAtMs = performance.now();
  killed.kill('SIGKILL');
  await until(() => closed(second).length >= theirs.length);
  // They come back at once, as chargers do, while HAProxy may not know yet.
  const moved = await connect(theirs);
  t.diagnostic(`${theirs.length} chargers of the killed gateway are back after ${ms(killedAtMs)} ms`);
  await until(async () => (await haproxy.states())['gateway-1'] === 'DOWN', { withinMs: 60_000 });
  assert.deepEqual(closed(second).sort(), theirs, 'a charger of a living gateway was disconnected');
  const after = await owners(ids);
  for (const id of ids)
    if (before.get(id) !== killed.id) assert.equal(after.get(id), before.get(id), `${id} moved without need`);
  const left = countsOf(after);
  t.diagnostic(`then ${shown(left)}, max/mean ${unevenness(left, 2).toFixed(3)}`);
  assert.ok(unevenness(left, 2) < EVEN);

  await killed.restart();
  await until(async () => (await haproxy.states())['gateway-1'] === 'UP', { withinMs: 60_000 });
  assert.equal(closed(moved).length, 0, 'a gateway that came back disconnected somebody');
  await cutAll([...second, ...moved]);
  await connect(ids);
  assert.deepEqual(await owners(ids), before, 'the ring is another one when the gateway is back');
});

test('a gateway that stops keeps its chargers until it closes them, and new ones go elsewhere unrefused', {
  skip,
  timeout: 120_000,
}, async (t) => {
  const { cluster, haproxy, connect, owners } = await openToAll(t, {
    DRAIN_DELAY_MS: String(DELAY_MS),
    DRAIN_RATE: '100',
  });
  const old = await connect(names(60));
  const before = await owners(names(60));
  const [leaving] = cluster.gateways;
  const stoppedAtMs = performance.now();
  const stopped = leaving?.stop();
  // Whatever HAProxy knows by now: its check has failed, or the gateway itself says 503.
  const young = names(240).slice(60);
  for (let from = 0; from < young.length; from += 20) await connect(young.slice(from, from + 20));
  await until(async () => (await haproxy.states())['gateway-1'] === 'DOWN', { withinMs: 60_000 });
  await stopped;
  const theirs = names(60).filter((id) => before.get(id) === 'gateway-1');
  assert.ok(theirs.length > 0);
  await until(() => closed(old).length === theirs.length);
  const firstMs = Math.min(...old.flatMap(({ closedAtMs }) => closedAtMs() ?? [])) - stoppedAtMs;
  assert.ok(firstMs >= DELAY_MS, `a charger was disconnected ${firstMs} ms after the stop, before the drain began`);
  assert.deepEqual(
    [...new Set(old.filter((each) => theirs.includes(each.id)).map((each) => each.closeCode()))],
    [1001],
  );
  assert.ok([...(await owners(young)).values()].every((name) => name !== 'gateway-1'));
});

test('while Postgres is away chargers come back to theirs and the API answers', {
  skip,
  timeout: 300_000,
}, async (t) => {
  const { cluster, haproxy, services, connect, owners, visit } = await openToAll(t, { ASK_TIMEOUT_MS: '2000' });
  const ids = names(60);
  const first = await connect(ids);
  const before = await owners(ids);
  // Each gateway has to have seen the key to know it.
  for (let turn = 0; turn < 12; turn++) assert.equal(await visit('/api/v1/gateways'), 200);
  await services.postgres.stop();
  for (const { opsUrl } of cluster.gateways)
    await until(async () => (await fetch(`${opsUrl}/readyz`)).status === 503, { withinMs: 60_000 });
  assert.equal(closed(first).length, 0, 'a charger was disconnected because Postgres went away');
  await cutAll(first);
  const second = await connect(ids);
  assert.deepEqual(await owners(ids), before);
  assert.equal(await visit('/api/v1/gateways'), 200);
  assert.deepEqual([...new Set(Object.values(await haproxy.states()))], ['UP']);
  await services.restartPostgres();
  for (const { opsUrl } of cluster.gateways)
    await until(async () => (await fetch(`${opsUrl}/readyz`)).status === 200, { withinMs: 60_000 });
  assert.equal(closed(second).length, 0, 'a charger was disconnected when Postgres was back');
});

test('while Redis is away and so no gateway is ready, chargers are let in all the same and the API answers', {
  skip,
  timeout: 300_000,
}, async (t) => {
  const { haproxy, services, connect, owners, visit } = await openToAll(t, { IDENTITY_CACHE_MS: '600000' });
  const states = async () => [...new Set(Object.values(await haproxy.states()))].join();
  const ids = names(60);
  const first = await connect(ids);
  const before = await owners(ids);
  await services.redis.stop();
  await until(async () => (await states()) === 'DOWN', { withinMs: 60_000 });
  assert.equal(closed(first).length, 0, 'a charger was disconnected because Redis went away');
  await cutAll(first);
  const second = await connect(ids);
  assert.equal(await visit('/api/v1/transactions'), 200);
  await services.restartRedis();
  await until(async () => (await states()) === 'UP', { withinMs: 60_000 });
  await until(async () => isDeepStrictEqual(await owners(ids), before), { withinMs: 60_000 });
  assert.equal(closed(second).length, 0, 'a charger was disconnected when Redis was back');
});

test('an old charger comes in with TLS 1.2 and RSA key exchange under its true address, and an API client stays', {
  skip,
  timeout: 120_000,
}, async (t) => {
  const { cluster, haproxy } = await openToAll(t);
  const { ocppUrl: url, certificate, apiUrl } = haproxy;
  const ciphers = 'AES128-GCM-SHA256:@SECLEVEL=1';
  const headers = { 'x-forwarded-for': '203.0.113.9' };
  const request = {
    ciphers,
    maxVersion: 'TLSv1.2',
    localAddress: '127.0.0.7',
    headers,
    ALPNProtocols: ['h2', 'http/1.1'],
  };
  const charger = await connectCharger('OLD-1', { url, certificate, request });
  undoAfter(t, () => cutAll([charger]));
  const key = { 'x-api-key': cluster.apiKey };
  const [gateway] = cluster.gateways;
  await until(async () => {
    const response = await fetch(`${gateway?.apiUrl}/api/v1/charge-points/OLD-1`, { headers: key });
    const { address } = (await response.json()) as { address: string | null };
    return address === '127.0.0.7';
  });

  const visit = (cookie?: string) =>
    getOverTls(`${apiUrl}/api/v1/gateways`, certificate, { ...key, ...(cookie && { cookie }) });
  const [given = ''] = (await visit()).cookies;
  assert.match(given, /^GATEWAY=gateway-\d; .*HttpOnly; Secure/i);
  for (let turn = 0; turn < 6; turn++) {
    const again = await visit(given.split(';')[0]);
    assert.deepEqual([again.status, again.cookies], [200, []], 'an API client with its cookie was sent elsewhere');
  }
});

test('a charger of security profile 2 comes in with its password, as the proxy says that it came over TLS', {
  skip,
  timeout: 120_000,
}, async (t) => {
  const { cluster, haproxy } = await openFront(t);
  const response = await fetch(`${cluster.gateways[0]?.apiUrl}/api/v1/charge-points`, {
    method: 'POST',
    headers: { 'x-api-key': cluster.apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ chargePointId: 'TLS-1', securityProfile: 2, password: 'a-password-of-16-or-more' }),
  });
  assert.equal(response.status, 201, await response.text());
  const credentials = Buffer.from('TLS-1:a-password-of-16-or-more').toString('base64');
  const request = { headers: { authorization: `Basic ${credentials}` } };
  const { ocppUrl: url, certificate } = haproxy;
  await cutAll([await connectCharger('TLS-1', { url, certificate, request })]);
});

const closed = (chargers: readonly TlsCharger[]) =>
  chargers.filter(({ closeCode }) => closeCode() !== undefined).map(({ id }) => id);

const ms = (sinceMs: number) => Math.round(performance.now() - sinceMs);

function countsOf(owners: ReadonlyMap<string, string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of owners.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

const shown = (counts: ReadonlyMap<string, number>) =>
  [...counts]
    .sort()
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

/** Largest share by the mean of `gateways`: 1 is perfectly even. */
function unevenness(counts: ReadonlyMap<string, number>, gateways: number): number {
  const all = [...counts.values()];
  return (Math.max(...all) * gateways) / all.reduce((sum, count) => sum + count, 0);
}
