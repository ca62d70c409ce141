/**
 * The real Dockerfile and the real compose.yaml on a real Docker engine. Where no image can be pulled, stand-ins made from
 * Debian packages carry the names of the base images; everything above them is as it ships. Takes minutes the first time.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { undoAfter } from '../support/cleanup.ts';
import { projectFolder } from '../support/project.ts';
import { until } from '../support/until.ts';
import { createApiClient } from './docker/api.ts';
import { chargeOnce, ID_TAG, startChargers } from './docker/chargers.ts';
import { isOnPath, outcomeOf, run } from './docker/command.ts';
import { contentsOf, imageOf, processOneOf } from './docker/contents.ts';
import { findEngine } from './docker/engine.ts';
import { jobsUp, ruleGroups } from './docker/prometheus.ts';
import { type Stack, startStack, VERSION } from './docker/stack.ts';
import { ensureBaseImages } from './docker/stand-ins.ts';
import { runSuiteInContainers } from './docker/suite.ts';

/** Of the preparation, and of any test. The first run on a busy machine takes a quarter of an hour, later ones three minutes. */
const TIMEOUT_MS = 1_500_000;
const TARGETS = ['gateway', 'worker', 'migrate'] as const;
/** Of the tests, the compiler and its kin: none of it may be in an image. */
const DEVELOPMENT = [
  'typescript',
  'tsx',
  'esbuild',
  'node',
  '@biomejs',
  '@types+node',
  'drizzle-kit',
  'testcontainers',
];
const STOP_SECONDS = 60;
const startedAtMs = Date.now();

const found = await findEngine(progress);
const missing = typeof found === 'string' ? `images and compose are not checked: ${found}` : false;
if (missing) progress(missing);

describe('images and compose', { skip: missing, timeout: TIMEOUT_MS }, () => {
  if (typeof found === 'string') return;
  const engine = found;
  let stack: Stack;
  let apiKey = '';
  const nameOf = (target: string) => `voltgate-${target}:${VERSION}`;
  const api: ReturnType<typeof createApiClient> = (...request) =>
    createApiClient(stack.apiUrl, stack.certificate, apiKey)(...request);

  before(async () => {
    progress(`using ${engine.where}`);
    const made = await ensureBaseImages(engine, progress);
    if (typeof made === 'string') throw new Error(made);
    progress(made.length > 0 ? `stand-ins: ${made.join(', ')}` : 'base images: the official ones');
    for (const target of TARGETS) {
      progress(`building ${target}`);
      const labels = ['--build-arg', `VERSION=${VERSION}`, '--build-arg', 'REVISION=0123456'];
      await run('docker', ['build', '--target', target, '--tag', nameOf(target), ...labels, '.'], engine);
    }
    progress('bringing compose.yaml up');
    stack = await startStack(engine, { DRAIN_DELAY_MS: '3000', HAPROXY_MAXCONN: '2000' });
    const asksForKey = async () => (await api('GET', '/charge-points')).status === 401;
    await until(asksForKey, { withinMs: 120_000, everyMs: 500, what: 'the API answers through HAProxy' });
  });
  after(async () => {
    progress('taking everything down');
    await stack?.down();
    await engine.stop();
  });

  test('an image has a numeric user, no shell in its command, a health check and labels', async () => {
    for (const target of TARGETS) {
      const { Config: config, Size: size } = await imageOf(nameOf(target), engine);
      progress(`${target}: ${Math.round(size / 1e6)} MB with its base`);
      assert.match(config.User, /^[1-9]\d*:[1-9]\d*$/);
      assert.deepEqual(config.Entrypoint, ['node']);
      assert.match(config.Cmd.join(' '), /^[a-z]+\/dist\/main\.js$/);
      assert.equal(config.Healthcheck?.Test[0], target === 'migrate' ? undefined : 'CMD');
      assert.equal(config.Labels['org.opencontainers.image.version'], VERSION);
      assert.equal(config.Labels['org.opencontainers.image.revision'], '0123456');
    }
  });

  test('an image holds what its program needs and nothing else', async () => {
    const folders = {
      gateway: ['gateway', 'shared', 'worker'],
      worker: ['shared', 'worker'],
      migrate: ['migrations', 'shared'],
    };
    for (const target of TARGETS) {
      const contents = await contentsOf(nameOf(target), engine);
      const expected = [...folders[target], 'LICENSE', 'node_modules', 'package.json'];
      assert.deepEqual(contents.folders, expected.toSorted());
      assert.deepEqual(contents.sources, []);
      assert.deepEqual(
        contents.packages.filter((name) => DEVELOPMENT.includes(name)),
        [],
      );
      assert.equal(contents.native.length, target === 'gateway' ? 1 : 0);
    }
  });

  test('compose runs the migrations to their end and then makes everything healthy', async () => {
    const migrate = await stack.containerOf('migrate');
    assert.equal(await stack.inspect(migrate, '{{.State.Status}} {{.State.ExitCode}}'), 'exited 0');
    for (const service of ['postgres', 'redis', 'worker', 'gateway-1', 'gateway-2', 'haproxy']) {
      const container = await stack.containerOf(service);
      const healthy = async () => (await stack.inspect(container, '{{.State.Health.Status}}')) === 'healthy';
      await until(healthy, { withinMs: 90_000, everyMs: 500, what: `${service} is healthy` });
    }
  });

  test('a program runs as nobody in particular, without capabilities, on a file system that it cannot write', async () => {
    const none = '0000000000000000';
    for (const service of ['gateway-1', 'worker']) {
      assert.deepEqual(await processOneOf(await stack.containerOf(service), engine), {
        name: 'node',
        uid: 1000,
        noNewPrivileges: '1',
        capabilities: [none, none],
        refused: ['EROFS', 'EROFS', 'EROFS'],
      });
    }
    for (const service of ['postgres', 'redis', 'haproxy']) {
      const format = '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}';
      assert.equal(await stack.inspect(await stack.containerOf(service), format), 'true [ALL]');
    }
  });

  test('compose says which secret is missing', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'voltgate-empty-'));
    undoAfter(t, () => rm(folder, { recursive: true, force: true }));
    const empty = join(folder, 'env');
    await writeFile(empty, '');
    const [command, ...first] = engine.compose;
    const { POSTGRES_PASSWORD: _, ...env } = engine.env;
    const { code, lines } = await outcomeOf(command, [...first, '--env-file', empty, 'config'], { env });
    assert.notEqual(code, 0);
    assert.match(lines.join('\n'), /must be set .*tools\/compose\/prepare/);
  });

  test('one command makes an API key', async () => {
    assert.equal((await api('GET', '/charge-points')).status, 401);
    const lines = await stack.compose('run', '--rm', 'migrate', 'migrations/dist/api-key.js', 'check', 'admin');
    apiKey = lines.at(-1)?.trim() ?? '';
    assert.match(apiKey, /^[\w-]{32}$/);
    assert.equal((await api('GET', '/charge-points')).status, 200);
  });

  test('a charger charges through HAProxy over TLS, and the API tells its energy', async (t) => {
    assert.equal((await api('POST', '/id-tags', { idTag: ID_TAG, maxActiveTransactions: null })).status, 201);
    const [charger] = await startChargers(['CHECK-1'], stack, api);
    assert.ok(charger);
    undoAfter(t, () => charger.stop());
    await charger.ready();
    const report = await chargeOnce(charger);
    assert.deepEqual([report.energyWh, report.dropped, report.transactions.length], [11_000, 0, 1]);
    const { body } = await api('GET', `/transactions/${report.transactions[0]?.transactionId}`);
    assert.deepEqual([body.chargePointId, body.status, body.energyWh], ['CHECK-1', 'stopped', 11_000]);
  });

  test('the k6 smoke passes through HAProxy over TLS', async (t) => {
    const script = join(projectFolder, 'k6/smoke.ts');
    if (!existsSync(script)) return t.skip('there is no k6/smoke.ts');
    const k6 = await findK6();
    if (!k6) return t.skip('k6 is missing: tools/install');
    const target = { OCPP_URL: stack.ocppUrl, API_URL: stack.apiUrl, API_KEY: apiKey, INSECURE_TLS: 'true' };
    // Few: each also tries a wrong password, and FAILED_LOGINS_PER_MINUTE counts them all as one address. Whether it is
    // right matters here, not how fast a machine is that has just built images.
    const settings = { ...target, CHARGERS: '10', ANSWER_P95_MS: '10000' };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
    await run(k6, ['run', '--quiet', ...flags, script], { timeoutMs: 180_000 });
  });

  test('Prometheus reads its configuration and the rules, and finds every process', async (t) => {
    // A bind mount of a missing file would make a folder in its place.
    if (!existsSync(join(projectFolder, 'helm/files/rules.yaml'))) return t.skip('there is no helm/files/rules.yaml');
    progress('Grafana is not started here: no package stands in for its image');
    await stack.compose('up', '--detach', '--no-build', 'prometheus');
    const wanted = ['haproxy', 'voltgate-gateway', 'voltgate-gateway', 'voltgate-worker'];
    await until(async () => (await jobsUp(stack.prometheusUrl)).join() === wanted.join(), {
      withinMs: 60_000,
      everyMs: 500,
      what: `these are scraped: ${wanted}`,
    });
    const groups = await ruleGroups(stack.prometheusUrl);
    progress(`Prometheus scrapes ${wanted.length} processes and has ${groups} groups of rules`);
    assert.ok(groups > 0);
  });

  test('a gateway that is stopped drains: it exits with 0 in time and its chargers go on at the other', async (t) => {
    const ids = Array.from({ length: 20 }, (_, index) => `CHECK-DRAIN-${index}`);
    const chargers = await startChargers(ids, stack, api);
    undoAfter(t, () => Promise.all(chargers.map((charger) => charger.stop())));
    await Promise.all(chargers.map((charger) => charger.ready()));
    const days = chargers.slice(0, 4).map(chargeOnce);
    const gatewaysOf = async () => {
      const { body } = await api('GET', '/charge-points?limit=100');
      const rows = body.items as readonly { id: string; online: boolean; gatewayId: string | null }[];
      return ids.map((id) => rows.find((row) => row.id === id && row.online)?.gatewayId?.slice(0, 'gateway-1'.length));
    };
    await until(async () => (await gatewaysOf()).every(Boolean), { what: 'every charger is shown online' });
    const moved = (await gatewaysOf()).filter((gateway) => gateway === 'gateway-1').length;
    assert.ok(moved > 0 && moved < ids.length, `gateway-1 has ${moved} of ${ids.length}`);

    const container = await stack.containerOf('gateway-1');
    const stoppedAtMs = Date.now();
    await run('docker', ['stop', '--time', String(STOP_SECONDS), container], engine);
    const seconds = (Date.now() - stoppedAtMs) / 1_000;
    progress(`gateway-1 drained ${moved} of ${ids.length} chargers and ended in ${seconds.toFixed(1)} s`);
    assert.equal(await stack.inspect(container, '{{.State.ExitCode}} {{.State.OOMKilled}}'), '0 false');
    assert.ok(seconds < STOP_SECONDS, `took ${seconds} s`);
    const allMoved = async () => (await gatewaysOf()).every((gateway) => gateway === 'gateway-2');
    await until(allMoved, { withinMs: 30_000, everyMs: 200, what: 'every charger is at gateway-2' });
    for (const report of await Promise.all(days)) {
      assert.deepEqual([report.energyWh, report.dropped], [11_000, 0]);
      const { body } = await api('GET', `/transactions/${report.transactions[0]?.transactionId}`);
      assert.deepEqual([body.status, body.energyWh], ['stopped', 11_000]);
    }
  });

  test('a worker and the stores end with 0 when they are stopped, and what was stored is there again', async () => {
    for (const service of ['worker', 'redis', 'postgres']) {
      const container = await stack.containerOf(service);
      await run('docker', ['stop', '--time', String(STOP_SECONDS), container], engine);
      assert.equal(await stack.inspect(container, '{{.State.ExitCode}}'), '0', service);
    }
    await stack.compose('up', '--detach', '--no-build');
    const back = async () => (await api('GET', '/charge-points/CHECK-1')).status === 200;
    await until(back, { withinMs: 60_000, everyMs: 500, what: 'the charge point is known again' });
  });

  test('the test suite runs against Postgres and Redis in containers', async () => {
    const said = await runSuiteInContainers(['contracts/bus', 'contracts/store-partitions'], engine);
    progress(said.replaceAll('\n', '; '));
    assert.match(said, /^Postgres: Postgres in a container$/m);
    assert.match(said, /^Redis: redis:7 in Docker on /m);
    assert.match(said, /^ℹ fail 0$/m);
    assert.match(said, /^ℹ skipped 0$/m);
  });
});

async function findK6(): Promise<string | undefined> {
  if (await isOnPath('k6')) return 'k6';
  const built = join(homedir(), 'go/bin/k6');
  return existsSync(built) ? built : undefined;
}

function progress(text: string): void {
  console.error(`[${String(Math.round((Date.now() - startedAtMs) / 1_000)).padStart(3)} s] ${text}`);
}
