import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBlockingClient } from '@voltgate/shared/redis/client.ts';
import { type Child, startChild } from './child.ts';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

/** A primary, its replica, and three Sentinels that watch them, all on 127.0.0.1. */
export type RedisSentinels = {
  /** The primary's name as its host. */
  readonly url: string;
  /** As REDIS_SENTINELS wants them. */
  readonly hosts: string;
  readonly primary: Child;
  /** Resolves when the replica has what the primary had. */
  replicated(): Promise<void>;
  stop(): Promise<void>;
};

const NAME = 'voltgate';
const SENTINELS = 3;

/** Starts them. Resolves when every Sentinel knows the replica and the other Sentinels: before, none would fail over. */
export async function startRedisSentinels(): Promise<RedisSentinels> {
  const folder = await mkdtemp(join(tmpdir(), 'voltgate-redis-sentinel-'));
  const port = await freePort();
  const primary = await startRedis(folder, 'primary', port);
  const replica = await startRedis(folder, 'replica', await freePort(), ['--replicaof', '127.0.0.1', String(port)]);
  const watchers: { readonly port: number; readonly child: Child }[] = [];
  for (let index = 0; index < SENTINELS; index += 1) watchers.push(await startSentinel(folder, index, port));
  for (const watcher of watchers) await untilItKnowsAll(watcher.port);
  return {
    url: `redis://${NAME}`,
    hosts: watchers.map((watcher) => `127.0.0.1:${watcher.port}`).join(','),
    primary,
    replicated: () => untilReplicated(port),
    async stop() {
      await Promise.all([...watchers.map(({ child }) => child), replica, primary].map((child) => child.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function startRedis(folder: string, name: string, port: number, more: readonly string[] = []): Promise<Child> {
  const files = ['--dir', folder, '--save', '', '--appendonly', 'yes', '--appenddirname', name];
  const own = ['--port', String(port), '--bind', '127.0.0.1', ...files, '--repl-diskless-sync-delay', '0'];
  return startChild(`Redis ${name}`, 'redis-server', [...own, ...more], { cwd: folder });
}

async function startSentinel(folder: string, index: number, primaryPort: number) {
  const port = await freePort();
  const file = join(folder, `sentinel-${index}.conf`);
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${NAME} 127.0.0.1 ${primaryPort} 2`,
    `sentinel down-after-milliseconds ${NAME} 5000`,
    `sentinel failover-timeout ${NAME} 5000`,
  ];
  // A Sentinel keeps what it learns in its own file.
  await writeFile(file, `${lines.join('\n')}\n`);
  const child = await startChild(`Redis Sentinel ${index}`, 'redis-server', [file, '--sentinel'], { cwd: folder });
  return { port, child };
}

async function untilReplicated(primaryPort: number): Promise<void> {
  const client = createBlockingClient({ url: `redis://127.0.0.1:${primaryPort}`, cluster: false }, 'test');
  const offset = async (field: RegExp) => Number(field.exec(String(await client.call('INFO', 'replication')))?.[1]);
  try {
    const written = await offset(/^master_repl_offset:(\d+)/m);
    await until(async () => (await offset(/^slave0:.*offset=(\d+)/m)) >= written, { what: 'the replica has it all' });
  } finally {
    client.disconnect();
  }
}

async function untilItKnowsAll(port: number): Promise<void> {
  const client = createBlockingClient({ url: `redis://127.0.0.1:${port}`, cluster: false }, 'test');
  try {
    await until(
      async () => {
        const fields = (await client.call('SENTINEL', 'MASTER', NAME)) as string[];
        const fieldOf = (name: string) => fields[fields.indexOf(name) + 1];
        return fieldOf('num-slaves') === '1' && fieldOf('num-other-sentinels') === String(SENTINELS - 1);
      },
      { what: 'the Sentinel knows the others', withinMs: 60_000 },
    );
  } finally {
    client.disconnect();
  }
}
