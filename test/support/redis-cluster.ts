import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { createBlockingClient, whenReady } from '@voltgate/shared/redis/client.ts';
import { type Child, howItEnded, outputOf, startChild } from './child.ts';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

/** A Redis Cluster of three masters without replicas, all on 127.0.0.1 and in memory only. */
export type RedisCluster = {
  /** Of one node; the others are found through it. */
  readonly url: string;
  readonly nodes: readonly { readonly port: number; readonly child: Child }[];
  /** Runs one command on every node, one after another. */
  onEveryNode(...command: readonly string[]): Promise<void>;
  stop(): Promise<void>;
};

const SLOTS = 16_384;
const NODES = 3;
const START_MS = 60_000;
const NODE_TIMEOUT_MS = 30_000;

/** Why no cluster can be started here; undefined when one can. */
export const noRedisCluster: string | undefined = await reasonAgainst();

let started: Promise<RedisCluster> | undefined;

/** The cluster of this test process, empty; started when first asked for, stopped after all tests of the file. */
export async function redisCluster(t: TestContext): Promise<RedisCluster> {
  started ??= startRedisCluster();
  const cluster = await started;
  t.after(() => cluster.onEveryNode('FLUSHALL'));
  return cluster;
}

after(async () => {
  await (await started)?.stop();
});

async function startRedisCluster(): Promise<RedisCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'voltgate-redis-cluster-'));
  const nodes = await Promise.all(Array.from({ length: NODES }, (_, index) => startNode(folder, index)));
  const clients = nodes.map(({ port }) => clientOf(port));
  await Promise.all(clients.map((client) => whenReady(client, START_MS)));
  for (const [index, client] of clients.entries()) {
    const from = Math.ceil((SLOTS * index) / NODES);
    const to = Math.ceil((SLOTS * (index + 1)) / NODES) - 1;
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
    await client.call('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
  }
  await until(
    async () => {
      const infos = await Promise.all(clients.map(async (client) => String(await client.call('CLUSTER', 'INFO'))));
      if (infos.every((info) => isComplete(info))) return true;
      // Said again: a node forgets a handshake that failed.
      for (const [index, client] of clients.entries())
        for (const { port, busPort } of nodes.toSpliced(index, 1))
          await client.call('CLUSTER', 'MEET', '127.0.0.1', String(port), String(busPort));
      return false;
    },
    { what: 'the Redis Cluster agrees on its nodes', withinMs: START_MS, everyMs: 500 },
  );
  // On a busy machine a node may be silent for long; a handshake that failed should not be waited for as long.
  for (const client of clients) await client.call('CONFIG', 'SET', 'cluster-node-timeout', String(NODE_TIMEOUT_MS));
  return {
    url: `redis://127.0.0.1:${nodes[0]?.port}`,
    nodes,
    async onEveryNode(...command) {
      const [name = '', ...args] = command;
      for (const client of clients) await client.call(name, ...args);
    },
    async stop() {
      for (const client of clients) client.disconnect();
      await Promise.all(nodes.map(({ child }) => child.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startNode(folder: string, index: number) {
  const port = await freePort();
  const busPort = await freePort();
  const name = `Redis Cluster node ${index}`;
  const child = await startChild(
    name,
    'redis-server',
    [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'],
      ...['--cluster-enabled', 'yes', '--cluster-port', String(busPort)],
      ...['--cluster-config-file', `nodes-${index}.conf`, '--cluster-node-timeout', '2000'],
    ],
    { cwd: folder },
  );
  const end = child.end();
  if (end) throw new Error(`${howItEnded(name, end)}\n${child.output().join('\n')}`);
  return { port, busPort, child };
}

function isComplete(info: string): boolean {
  return info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${NODES}`);
}

function clientOf(port: number) {
  return createBlockingClient({ url: `redis://127.0.0.1:${port}`, cluster: false }, 'test');
}

/** Sharded pub/sub and a cluster bus on a port of its own came with Redis 7. */
async function reasonAgainst(): Promise<string | undefined> {
  const [, major] = /v=(\d+)\./.exec((await outputOf('redis-server', ['--version'])) ?? '') ?? [];
  if (major === undefined) return 'no redis-server on the PATH';
  return Number(major) < 7 ? `redis-server is ${major}, older than 7` : undefined;
}
