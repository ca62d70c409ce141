import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createMetrics } from '@voltgate/shared/metrics.ts';
import { startFleet } from '../chaos/fleet.ts';
import { until } from '../support/until.ts';
import { queriesOf, readDashboard } from './dashboard-file.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';
import { readExpression } from './promql.ts';
import { readRules } from './rules-file.ts';

/** Of others: Prometheus itself, and the blackbox exporter that looks at certificates. */
const EXTERNAL = new Set(['ALERTS', 'probe_ssl_earliest_cert_expiry']);
/** Given by Prometheus and whoever finds targets for it. */
const TARGET_LABELS = ['namespace', 'instance', 'job', 'le', 'quantile', 'alertname', 'alertstate'];
const DAY = { sessions: 1, sessionSeconds: 600, meterIntervalSeconds: 60 };

/** What of a sound cluster nothing can be seen of. */
const NOTHING_WRONG = ['Deviations by kind', 'Disconnects by reason', 'Calls refused', 'Store failures'];
/** Says something of the machine as well. */
const OF_THE_MACHINE = 'VoltgateEventLoopLag';

const startCluster = (t: TestContext) =>
  startFleet(t, { chargers: 2, gateways: 2, workers: 1, env: { SCHEDULE_INTERVAL_MS: '500' } });

async function expressions() {
  const rules = await readRules();
  return [
    ...rules.map(({ name, expression }) => ({ of: name, expression })),
    ...queriesOf(await readDashboard()).map(({ panel, expression }) => ({ of: `panel ${panel}`, expression })),
  ];
}

test('every metric and every label of rules and panels is exported', { timeout: 180_000 }, async (t) => {
  const fleet = await startCluster(t);
  if (!fleet) return;
  await fleet.liveADay(DAY);
  await fleet.allReachable(30_000);
  const urls = [...fleet.cluster.gateways, ...fleet.cluster.workers].map(({ opsUrl }) => opsUrl);
  const texts = await Promise.all(urls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
  const exported = new Map<string, string>();
  for (const [, name = '', type = ''] of texts.join('\n').matchAll(/^# TYPE (\S+) (\S+)$/gm)) exported.set(name, type);
  const labels = await labelsOfMetrics();
  const recorded = new Set((await readRules()).flatMap(({ kind, name }) => (kind === 'record' ? [name] : [])));
  const faults: string[] = [];
  for (const { of, expression } of await expressions()) {
    const { series, groupedBy } = readExpression(expression);
    const known = new Set(TARGET_LABELS);
    for (const { name, labels: used } of series) {
      const base = exported.has(name) ? name : name.replace(/_(?:bucket|sum|count)$/, '');
      const isPart = base !== name && exported.get(base) !== 'histogram' && exported.get(base) !== 'summary';
      const isKnown = EXTERNAL.has(name) || recorded.has(name) || (exported.has(base) && !isPart);
      if (!isKnown) faults.push(`${of}: nobody exports ${name}`);
      const own = new Set([...TARGET_LABELS, ...(labels.get(base) ?? [])]);
      for (const label of own) known.add(label);
      for (const label of used) if (!own.has(label)) faults.push(`${of}: ${name} has no label ${label}`);
      if (recorded.has(name)) for (const label of recordedLabels) known.add(label);
    }
    for (const label of groupedBy) if (!known.has(label)) faults.push(`${of}: nothing in it has a label ${label}`);
  }
  assert.deepEqual(faults, []);
  t.diagnostic(`${exported.size} metrics exported by ${urls.length} processes`);
});

/** What recorded series are grouped by. */
const recordedLabels = (await readRules())
  .filter(({ kind }) => kind === 'record')
  .flatMap(({ expression }) => readExpression(expression).groupedBy);

test('Prometheus scrapes a cluster, answers every panel, and says when the last worker is gone', {
  timeout: 180_000,
}, async (t) => {
  const fleet = await startCluster(t);
  if (!fleet) return;
  const { gateways, workers } = fleet.cluster;
  const prometheus = await startPrometheus(t, {
    gateway: gateways.map(({ opsUrl }) => opsUrl),
    worker: workers.map(({ opsUrl }) => opsUrl),
  });
  if (!prometheus) return;
  const firing = async () =>
    (await prometheus.query('ALERTS{alertstate="firing"}')).map(({ metric }) => metric.alertname).sort();
  await until(async () => (await prometheus.query('count(voltgate_build_info)'))[0]?.value[1] === '3', {
    withinMs: 30_000,
  });
  await until(async () => (await prometheus.query('voltgate:connections:sum'))[0]?.value[1] === '2');
  // Chargers reconnect and live a day under its eyes: a rate needs two looks.
  await fleet.liveADay(DAY);
  await fleet.allReachable(30_000);
  await until(async () => (await withoutData(prometheus)).panels.length <= NOTHING_WRONG.length, {
    withinMs: 30_000,
    everyMs: 1_000,
  });
  const { panels, alerts } = await withoutData(prometheus);
  for (const panel of panels) assert.ok(NOTHING_WRONG.includes(panel), `the panel ${panel} shows nothing`);
  const all = (await readRules()).flatMap(({ kind, name }) => (kind === 'alert' ? [name] : []));
  const wrong = all.filter((name) => !alerts.includes(name) && name !== OF_THE_MACHINE);
  assert.deepEqual(wrong, [], 'alerts about a sound cluster');

  for (const worker of workers) {
    worker.kill('SIGKILL');
    await worker.ended;
  }
  await until(async () => (await firing()).includes('VoltgateNoWorker'), { withinMs: 30_000, everyMs: 200 });
  await workers[0]?.restart();
  await until(async () => !(await firing()).includes('VoltgateNoWorker'), { withinMs: 60_000, everyMs: 200 });
});

/** Panels none of whose queries gives anything now, and alerts that find nothing to say. */
async function withoutData(prometheus: Prometheus) {
  const shown = new Set<string>();
  for (const { of, expression } of await expressions())
    if ((await prometheus.query(expression)).length > 0) shown.add(of);
  const panels = new Set(queriesOf(await readDashboard()).map(({ panel }) => panel));
  const rules = (await readRules()).filter(({ kind }) => kind === 'alert').map(({ name }) => name);
  return {
    panels: [...panels].filter((panel) => !shown.has(`panel ${panel}`)),
    alerts: rules.filter((name) => !shown.has(name)),
  };
}

/** As declared; those of Node's own metrics are seen when they are scraped. */
async function labelsOfMetrics(): Promise<ReadonlyMap<string, readonly string[]>> {
  const { registry } = createMetrics();
  const labels = new Map<string, string[]>();
  for (const metric of registry.getMetricsAsArray()) {
    const { name, labelNames = [] } = metric as unknown as { name: string; labelNames?: string[] };
    labels.set(name, [...labelNames]);
  }
  return labels;
}
