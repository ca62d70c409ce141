/**
 * `npm run bench`: what our gateway costs beside a bare uWebSockets.js server that parses and validates the same message,
 * and how many MeterValues per second go from socket to committed row. Both sides of a ratio are measured in turn in one
 * run, as machines are shared and noisy; the tables show medians. Options: `--seconds N` (default 5), `--rounds N`
 * (default 3), `--connections N` (default 1000).
 */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createStore } from '@voltgate/shared/store/postgres.ts';
import { type OwnServices, startOwnServices } from '../chaos/own-services.ts';
import { startChild } from '../support/child.ts';
import { startCluster } from '../support/cluster.ts';
import { until } from '../support/until.ts';
import { cpuSeconds } from './cpu.ts';
import type { Action } from './message-texts.ts';

type Load = {
  readonly messages: number;
  readonly seconds: number;
  readonly errors: number;
  readonly p50: number;
  readonly p99: number;
};
type Measured = Load & { readonly cpuMicros: number };

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '1000' },
  },
});
const runtime = ['--import', 'tsx', '--conditions=development'];
const rounds = Number(values.rounds);
const services = await startServices();
const cluster = await startCluster({
  databaseUrl: services.postgres.url,
  redisUrl: services.redis.url,
  gateways: 1,
  workers: 1,
  env: { UNKNOWN_CHARGE_POINTS: 'adopt', ALLOW_PROFILE_0: 'true', LOG_LEVEL: 'info' },
});
const bare = await startProgram('bare-echo.ts');
const store = createStore({ url: services.postgres.url, poolSize: 1, applicationName: 'bench' });
const gatewayPid = cluster.gateways[0]?.pid ?? 0;
const ocppUrl = cluster.ocppUrls[0] ?? '';
let from = 0;

try {
  await gatewayCost();
  await throughput();
} finally {
  bare.process.kill();
  await store.close();
  await cluster.stop();
  await services.stop();
}

async function startServices(): Promise<OwnServices> {
  const started = await startOwnServices();
  if (typeof started === 'string') throw new Error(`the benchmark needs Redis: ${started}`);
  return started;
}

/** Table 1: CPU of the gateway process per message, beside the floor. */
async function gatewayCost(): Promise<void> {
  console.log('\nCPU per message of the process that holds the sockets (median of rounds, us)\n');
  console.log(
    '| Message | bare uWebSockets.js | Voltgate gateway | ratio | budget | messages/s bare | messages/s gateway |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const action of ['Heartbeat', 'MeterValues'] as const) {
    const floor: Measured[] = [];
    const ours: Measured[] = [];
    await load(ocppUrl, action, 1);
    await load(bare.url, action, 1);
    for (let round = 0; round < rounds; round++) {
      floor.push(await measure(bare.process.pid ?? 0, bare.url, action));
      ours.push(await measure(gatewayPid, ocppUrl, action));
    }
    const ratio = median(ours.map((each, index) => each.cpuMicros / (floor[index]?.cpuMicros ?? 1)));
    const cells = [micros(floor), micros(ours), ratio.toFixed(2), '2.00', rate(floor), rate(ours)];
    console.log(`| ${action} | ${cells.join(' | ')} |`);
    if (ours.some(({ errors }) => errors > 0))
      console.log(`(${ours.map(({ errors }) => errors).join(', ')} CALLERRORs)`);
  }
}

/** Table 2: from socket to committed row, everything on this machine. */
async function throughput(): Promise<void> {
  console.log('\nMeterValues (3 samples) from socket to committed row (all processes on this machine)\n');
  console.log(
    '| Round | messages | committed/s | answer p50 ms | answer p99 ms | us of CPU: gateway | Redis | worker | Postgres | together | budget |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  const parts = {
    gateway: gatewayPid,
    redis: services.redis.child.pid,
    worker: cluster.workers[0]?.pid ?? 0,
    postgres: services.postgres.child.pid,
  };
  for (let round = 1; round <= rounds; round++) {
    await drained();
    const rowsBefore = await rowCount();
    const cpuBefore = mapValues(parts, cpuSeconds);
    const beginMs = performance.now();
    const { messages, p50, p99, errors } = await load(ocppUrl, 'MeterValues', Number(values.seconds));
    await drained();
    const seconds = (performance.now() - beginMs) / 1_000;
    const cpu = mapValues(
      parts,
      (pid, name: keyof typeof parts) => ((cpuSeconds(pid) - cpuBefore[name]) * 1e6) / messages,
    );
    // Counted when the CPU is read already: counting millions of rows is no part of what a message costs.
    const rows = (await rowCount()) - rowsBefore;
    if (rows < (messages - errors) * 3)
      throw new Error(`${messages - errors} messages acknowledged, ${rows} rows committed`);
    const together = Object.values(cpu).reduce((sum, each) => sum + each, 0);
    const cells = [
      round,
      messages,
      Math.round(rows / 3 / seconds),
      p50,
      p99,
      ...Object.values(cpu).map((each) => each.toFixed(0)),
      together.toFixed(0),
      '100',
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

/** CPU of one process per message. The worker stands still meanwhile: what it does is not the gateway's cost. */
async function measure(pid: number, url: string, action: Action): Promise<Measured> {
  await drained();
  const workerPid = cluster.workers[0]?.pid ?? 0;
  let before = 0;
  const result = await load(url, action, Number(values.seconds), () => {
    process.kill(workerPid, 'SIGSTOP');
    before = cpuSeconds(pid);
  });
  const cpuMicros = ((cpuSeconds(pid) - before) * 1e6) / result.messages;
  process.kill(workerPid, 'SIGCONT');
  return { ...result, cpuMicros };
}

/** One run of the load program in a process of its own; `begin` runs when all are connected, before the first message. */
async function load(url: string, action: Action, seconds: number, begin: () => void = () => undefined): Promise<Load> {
  // Every run sends newer samples than the ones before, so that each is a new row.
  from += 1_000_000;
  const args = [url, action, values.connections, String(seconds), '0', String(from)];
  const program = fileURLToPath(new URL('load.ts', import.meta.url));
  let result: Load | undefined;
  const child = await startChild('load', process.execPath, [...runtime, program, ...args], {
    onLine: (line) => {
      const parsed = JSON.parse(line) as Load & { readonly msg: string };
      if (parsed.msg === 'done') result = parsed;
      if (parsed.msg !== 'connected') return;
      begin();
      child.process.kill('SIGUSR2');
    },
  });
  await child.ended;
  if (!result) throw new Error(`the load program failed: ${child.output().join('\n')}`);
  return result;
}

async function startProgram(name: string) {
  let url = '';
  const child = await startChild(name, process.execPath, [...runtime, fileURLToPath(new URL(name, import.meta.url))], {
    onLine: (line) => {
      url = (JSON.parse(line) as { ocppUrl: string }).ocppUrl;
    },
  });
  await until(() => url);
  if (!child.process.pid) await once(child.process, 'spawn');
  return { url, process: child.process };
}

/** Waits until the queue is empty, so that one run does not pay for another. */
async function drained(): Promise<void> {
  const opsUrl = cluster.workers[0]?.opsUrl;
  await until(
    async () => {
      const metrics = await (await fetch(`${opsUrl}/metrics`)).text();
      return !/^voltgate_jobs\{queue="tell",state="(?:waiting|active|delayed)"\} [1-9]/m.test(metrics);
    },
    { withinMs: 120_000, everyMs: 50 },
  );
}

async function rowCount(): Promise<number> {
  const [row] = await store.sql`select count(*)::int as count from meter_value`;
  return Number(row?.count);
}

function mapValues<K extends string>(
  record: Readonly<Record<K, number>>,
  map: (value: number, key: K) => number,
): Record<K, number> {
  const entries = Object.entries<number>(record).map(([key, value]) => [key, map(value, key as K)]);
  return Object.fromEntries(entries) as Record<K, number>;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

function micros(runs: readonly Measured[]): string {
  return median(runs.map(({ cpuMicros }) => cpuMicros)).toFixed(1);
}

function rate(runs: readonly Measured[]): string {
  return Math.round(median(runs.map(({ messages, seconds }) => messages / seconds))).toString();
}
