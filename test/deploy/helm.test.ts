import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { drainMs } from '@voltgate/gateway/drain.ts';
import { readConfig, settings } from '@voltgate/shared/config.ts';
import { projectFolder } from '../support/project.ts';
import { ingressOptions, presets, refused, rendered } from './chart-cases.ts';
import { readChartValues, withValuesTable } from './chart-values.ts';
import { schemaLocation, writeSchemas } from './kubernetes-schemas.ts';
import { findTool, say } from './tools.ts';

const chart = join(projectFolder, 'helm');
const urls = join(chart, 'tests/values/urls.yaml');
const ingress = join(chart, 'tests/values/ingress.yaml');
/** Kinds whose schemas no package registry carries. */
const WITHOUT_SCHEMA = ['k8s.nginx.org/v1/Policy'];
const HOW = 'run tools/install';
const stores = { DATABASE_URL: 'postgres://db/voltgate', REDIS_URL: 'redis://cache' };

const helm = await findTool('helm');
const kubeconform = await findTool('kubeconform');
const untt = await findTool('untt');
const go = await findTool('go');
const lacking = (tools: Readonly<Record<string, string | undefined>>) => {
  const names = Object.keys(tools).filter((name) => tools[name] === undefined);
  return names.length > 0 ? `${names.join(' and ')} missing: ${HOW}` : false;
};

/** Of a helm without a release number the Kubernetes version is older than the chart's. */
const cluster = ['--kube-version', '1.34.0'];
const template = (args: readonly string[]) =>
  say(helm ?? '', ['template', 'voltgate', chart, ...cluster, '--values', urls, ...args]);

/** Every combination that is rendered, by name. */
function cases(): Map<string, readonly string[]> {
  const all = new Map(Object.entries(rendered));
  for (const preset of presets) {
    for (const [name, args] of Object.entries(ingressOptions)) {
      // Nobody but you knows what a proxy of yours calls the header.
      const header = preset === 'none' ? ['--set=ingress.mtls.header=X-Cert'] : [];
      all.set(`${preset}, ${name}`, ['--values', ingress, `--set=ingress.preset=${preset}`, ...header, ...args]);
    }
  }
  const existing = '--set=ingress.envoyGateway.existingGateway.name=edge';
  all.set('envoy-gateway, a Gateway that is there', [
    '--values',
    ingress,
    '--set=ingress.preset=envoy-gateway',
    existing,
  ]);
  return all;
}

describe('the Helm chart', { skip: lacking({ helm }) }, () => {
  test('passes helm lint --strict', async () => {
    for (const values of [
      ['--values', urls],
      ['--values', urls, '--values', ingress],
      ['--values', join(chart, 'tests/values/bundled.yaml')],
    ]) {
      const { code, stdout, stderr } = await say(helm ?? '', ['lint', '--strict', chart, ...cluster, ...values]);
      assert.equal(code, 0, stdout + stderr);
    }
  });

  test('refuses an install without stores and says what is missing', async () => {
    const { code, stderr } = await say(helm ?? '', ['template', 'voltgate', chart, ...cluster]);
    assert.notEqual(code, 0);
    assert.match(stderr, /postgresql\.url/);
    assert.match(stderr, /redis\.url/);
  });

  test('refuses wrong values and names the field', async (t: TestContext) => {
    const folder = await mkdtemp(join(tmpdir(), 'voltgate-values-'));
    t.after(() => rm(folder, { recursive: true }));
    const file = join(folder, 'values.yaml');
    for (const { values, names } of refused) {
      await writeFile(file, values);
      const { code, stderr } = await template(['--values', file]);
      assert.notEqual(code, 0, `accepted: ${values}`);
      assert.ok(stderr.includes(names), `${values}: ${stderr}`);
    }
    t.diagnostic(`${refused.length} wrong values files refused`);
  });

  test('has a README whose table of values is current', async () => {
    const readme = await readFile(join(chart, 'README.md'), 'utf8');
    const values = readChartValues(await readFile(join(chart, 'values.yaml'), 'utf8'));
    const current = withValuesTable(readme, values);
    assert.ok(current === readme, 'run: node --import tsx test/deploy/chart-readme.ts');
  });

  test('gives every program settings it starts with', async () => {
    const { stdout } = await template(['--show-only', 'templates/settings.yaml']);
    const known = new Set<string>(Object.values(settings).map(({ env }) => env));
    for (const program of ['gateway', 'worker'] as const) {
      const environment = settingsOf(stdout, program);
      assert.ok(Object.keys(environment).length > 0);
      for (const name of Object.keys(environment)) assert.ok(known.has(name), `no program knows ${name}`);
      readConfig(program, { ...environment, ...stores });
    }
  });

  test('gives a full gateway all the time its drain may take', async () => {
    const { stdout } = await template(['--show-only', 'templates/settings.yaml']);
    const config = readConfig('gateway', { ...settingsOf(stdout, 'gateway'), ...stores });
    const sockets = drainMs({ rate: config.drainRate, waitMs: config.askTimeoutMs }, 10_000);
    const takesMs = config.drainDelayMs + sockets + config.shutdownTimeoutMs;
    const deployment = await template(['--show-only', 'templates/gateway-deployment.yaml']);
    const [, grace] = /terminationGracePeriodSeconds: (\d+)/.exec(deployment.stdout) ?? [];
    assert.ok(takesMs < Number(grace) * 1_000, `${takesMs} ms in ${grace} s`);
  });

  test('passes its unit tests', { skip: lacking({ untt }) }, async (t: TestContext) => {
    const { code, stdout, stderr } = await say(untt ?? '', [chart]);
    assert.equal(code, 0, stdout + stderr);
    t.diagnostic(/^Tests:.*$/m.exec(stdout)?.[0] ?? stdout);
  });
});

describe('what the chart renders', { skip: lacking({ helm, kubeconform, go }) }, () => {
  let folder = '';
  let missing: readonly string[] = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'voltgate-schemas-'));
    missing = await writeSchemas(folder, go ?? '', helm ?? '');
  });
  after(() => rm(folder, { recursive: true }));

  test('has schemas to be compared with', (t: TestContext) => {
    for (const module of missing) t.diagnostic(`no schemas of ${module}: its kinds are not validated`);
    t.diagnostic(`kinds without a schema in any registry, not validated: ${WITHOUT_SCHEMA.join(', ')}`);
    if (missing.length > 0) t.skip(`without ${missing.join(', ')}`);
  });

  for (const [name, args] of cases()) {
    test(`is what Kubernetes knows: ${name}`, async (t: TestContext) => {
      const { code, stdout, stderr } = await template(args);
      assert.equal(code, 0, stderr);
      const file = join(folder, 'rendered.yaml');
      await writeFile(file, stdout);
      const said = await say(kubeconform ?? '', [
        '-strict',
        '-summary',
        ...['-skip', WITHOUT_SCHEMA.join(',')],
        ...(missing.length > 0 ? ['-ignore-missing-schemas'] : []),
        ...['-schema-location', schemaLocation(folder)],
        file,
      ]);
      assert.equal(said.code, 0, said.stdout + said.stderr);
      t.diagnostic(said.stdout.trim().split('\n').at(-1) ?? '');
    });
  }

  test('would be refused with a field that does not exist', async (t: TestContext) => {
    if (missing.length > 0) return t.skip(`without ${missing.join(', ')}`);
    const { stdout } = await template(['--values', ingress, '--set=ingress.preset=envoy-gateway']);
    const file = join(folder, 'wrong.yaml');
    for (const [right, wrong] of [
      ['terminationGracePeriodSeconds:', 'terminationGraceSeconds:'],
      ['alpnProtocols:', 'alpn:'],
    ] as const) {
      await writeFile(file, stdout.replace(right, wrong));
      const location = ['-schema-location', schemaLocation(folder)];
      const { code, stdout: said } = await say(kubeconform ?? '', ['-strict', ...location, file]);
      assert.notEqual(code, 0);
      assert.ok(said.includes(`'${wrong.slice(0, -1)}'`), said);
    }
  });
});

/** The settings of a program as its ConfigMap has them. */
function settingsOf(manifests: string, program: string): Record<string, string> {
  const map = manifests
    .split(/^---$/m)
    .find((text) => text.includes('kind: ConfigMap') && text.includes(`name: voltgate-${program}\n`));
  const data = map?.split(/^data:$/m)[1] ?? '';
  return Object.fromEntries([...data.matchAll(/^ {2}(\w+): "?([^"\n]*)"?$/gm)].map(([, name, value]) => [name, value]));
}
