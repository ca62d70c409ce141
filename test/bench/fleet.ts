/**
 * `npm run bench -- fleet`: 10,000 idle chargers on one gateway (memory, idle CPU, a heartbeat storm, all of them coming back
 * at once), and the latency of commands to chargers on the same and on another gateway. Options: `--chargers N`
 * (default 10000), `--commands N` (default 2000).
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startOwnServices } from '../chaos/own-services.ts';
import { type Child, startChild } from '../support/child.ts';
import { startCluster } from '../support/cluster.ts';
import { until } from '../support/until.ts';
import { cpuSeconds } from './cpu.ts';

const PROCESSES = 4;
const { values } = parseArgs({
  allowPositionals: true,
  options: { chargers: { type: 'string', default: '10000' }, commands: { type: 'string', default: '2000' } },
});
const chargers = Number(values.chargers);
const services = await startOwnServices();
if (typeof services === 'string') throw new Error(`the benchmark needs Redis: ${services}`);
const cluster = await startCluster({
  databaseUrl: services.postgres.url,
  redisUrl: services.redis.url,
  gateways: 2,
  workers: 1,
  env: {
    UNKNOWN_CHARGE_POINTS: 'adopt',
    ALLOW_PROFILE_0: 'true',
    LOG_LEVEL: 'info',
    UPGRADES_PER_SECOND: '2000',
    DRAIN_DELAY_MS: '0',
  },
});
const [near, far] = cluster.gateways;
if (!near || !far) throw new Error('two gateways were asked for');
const holders: Child[] = [];

try {
  console.log(`\n${chargers} idle chargers on one gateway\n`);
  console.log('| What | measured | budget |');
  console.log('| --- | --- | --- |');
  const pid = near.pid;
  const rssBefore = rssKb(pid);
  const connected = await timed(() =>
    Promise.all(Array.from({ length: PROCESSES }, (_, index) => hold(index, chargers / PROCESSES))),
  );
  await wait(5_000);
  row('connected (s)', (connected / 1_000).toFixed(1), '');
  row('gateway RSS per charger (KB)', ((rssKb(pid) - rssBefore) / chargers).toFixed(1), '8');
  const cpuBefore = cpuSeconds(pid);
  await wait(20_000);
  row('gateway CPU while idle (% of a core)', (((cpuSeconds(pid) - cpuBefore) / 20) * 100).toFixed(1), '');
  const stormCpu = cpuSeconds(pid);
  const storms = await Promise.all(holders.map((holder) => order(holder, 'storm')));
  row('heartbeat storm answered (ms)', String(Math.max(...storms.map((each) => Number(each.stormMs)))), '');
  row('CPU per heartbeat of the storm (us)', (((cpuSeconds(pid) - stormCpu) * 1e6) / chargers).toFixed(1), '');
  for (const [name, gateway] of [
    ['same', near],
    ['another', far],
  ] as const) {
    const latencies = await command(gateway.apiUrl, Number(values.commands));
    row(`command through ${name} replica p50 / p99 (ms)`, `${at(latencies, 0.5)} / ${at(latencies, 0.99)}`, '3 / 20');
  }
  const back = await Promise.all(holders.map((holder) => order(holder, 'reconnect')));
  const refused: Record<string, number> = {};
  for (const each of back)
    for (const [code, count] of Object.entries(each.refused as Record<string, number>))
      refused[code] = (refused[code] ?? 0) + count;
  row(
    'all back after reconnecting at once (s)',
    (Math.max(...back.map((each) => Number(each.reconnectMs))) / 1_000).toFixed(1),
    '',
  );
  const begin = performance.now();
  await until(async () => (await connections(near.opsUrl)) === chargers, { withinMs: 60_000, everyMs: 100 });
  row('all owned again after that (s)', ((performance.now() - begin) / 1_000).toFixed(1), '');
  row('refusals while reconnecting', JSON.stringify(refused), 'only 503');
} finally {
  for (const holder of holders) holder.process.kill('SIGKILL');
  await cluster.stop();
  await services.stop();
}

function row(...cells: string[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

async function hold(index: number, count: number): Promise<void> {
  const args = [String(index * count), String(count), `127.0.0.${index + 1}`, near?.ocppUrl ?? ''];
  const program = fileURLToPath(new URL('hold.ts', import.meta.url));
  const child = await startChild(
    'hold',
    process.execPath,
    ['--import', 'tsx', '--conditions=development', program, ...args],
    { ipc: true },
  );
  holders.push(child);
  await new Promise((resolve) => child.process.once('message', resolve));
}

function order(holder: Child, what: 'storm' | 'reconnect'): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    holder.process.once('message', (result) => resolve(result as Record<string, unknown>));
    holder.process.send(what);
  });
}

/** Commands one after the other to chargers all over, each a whole HTTP request; sorted latencies in ms. */
async function command(apiUrl: string, count: number): Promise<number[]> {
  const headers = { 'x-api-key': cluster.apiKey, 'content-type': 'application/json' };
  const latencies: number[] = [];
  for (let index = 0; index < count; index++) {
    const id = `IDLE-${Math.floor(Math.random() * chargers)}`;
    const begin = performance.now();
    const url = `${apiUrl}/api/v1/charge-points/${id}/commands/ClearCache`;
    const response = await fetch(url, { method: 'POST', headers, body: '{}' });
    const body = await response.text();
    if (response.status !== 200) throw new Error(`command to ${id}: ${response.status} ${body}`);
    latencies.push(performance.now() - begin);
  }
  return latencies.sort((a, b) => a - b);
}

async function connections(opsUrl: string): Promise<number> {
  const metrics = await (await fetch(`${opsUrl}/metrics`)).text();
  return Number(/^voltgate_connections (\d+)/m.exec(metrics)?.[1]);
}

function at(sorted: readonly number[], share: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
}

function rssKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
