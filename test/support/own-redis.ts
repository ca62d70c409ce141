import { mkdir } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { type Child, howItEnded, outputOf, startChild } from './child.ts';
import { freePort } from './free-port.ts';
import { installRedis } from './install-redis.ts';
import { endLeftOver } from './left-over.ts';

/** A Redis server of our own, on 127.0.0.1. `child` allows to treat it badly. */
export type OwnRedis = {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  readonly child: Child;
  stop(): Promise<void>;
};

/** How a Redis can be run here: the arguments follow the usual ones of redis-server. */
export type RedisProgram = {
  readonly description: string;
  readonly command: string;
  readonly arguments: (folder: string, port: number) => readonly string[];
};

/** Queues need 6.2; sharded channels 7, which a single Redis does without. */
const OLDEST_VERSION = [6, 2] as const;
const START_MS = 180_000;

/**
 * Finds a Redis (or Valkey) program: on the PATH, else installed without a question where that is possible, else an
 * image where Docker runs. A text in its place says why there is none.
 */
export async function findRedis(progress: (text: string) => void = () => undefined): Promise<RedisProgram | string> {
  const onPath = await redisOnPath();
  if (typeof onPath !== 'string') return onPath;
  const refused = await installRedis(progress);
  if (refused === undefined) {
    const installed = await redisOnPath();
    if (typeof installed !== 'string') return installed;
  }
  if (await outputOf('docker', ['info'])) return inDocker();
  return [onPath, refused, 'Docker does not run'].filter(Boolean).join('; ');
}

/**
 * Starts it with its data in `folder`: append-only file on, nothing evicted, since the queue lives in it. What a killed
 * run left behind is ended first. Resolves when it answers PING; rejects with its last words.
 */
export async function startOwnRedis(
  program: RedisProgram,
  folder: string,
  options: { readonly port?: number | undefined } = {},
): Promise<OwnRedis> {
  await mkdir(folder, { recursive: true });
  await endLeftOver(join(folder, 'redis.pid'), folder, 'SIGTERM');
  const port = options.port ?? (await freePort());
  const child = await startChild('Redis', program.command, program.arguments(folder, port), { cwd: folder });
  const deadline = Date.now() + START_MS;
  while (!(await answers(port))) {
    const end = child.end();
    if (end || Date.now() > deadline) {
      await child.stop();
      const reason = end ? howItEnded('Redis', end) : `Redis did not answer within ${START_MS / 1000} s`;
      throw new Error(`${reason}\n${child.output().slice(-10).join('\n')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    folder,
    child,
    stop: async () => {
      await child.stop();
    },
  };
}

async function redisOnPath(): Promise<RedisProgram | string> {
  for (const command of ['redis-server', 'valkey-server']) {
    const text = await outputOf(command, ['--version']);
    const [, major, minor] = /v=(\d+)\.(\d+)/.exec(text ?? '') ?? [];
    if (major === undefined) continue;
    const newEnough = Number(major) > OLDEST_VERSION[0] || (Number(major) === 6 && Number(minor) >= OLDEST_VERSION[1]);
    if (!newEnough) return `${command} is ${major}.${minor}, older than ${OLDEST_VERSION.join('.')}`;
    return {
      description: command,
      command,
      arguments: (folder, port) => [
        ...settings(folder),
        ...['--bind', '127.0.0.1', '--port', String(port)],
        // Keeps the folder in the command line, by which a left-over is known for ours.
        ...['--pidfile', join(folder, 'redis.pid'), '--set-proc-title', 'no'],
      ],
    };
  }
  return 'no redis-server or valkey-server on the PATH';
}

function inDocker(): RedisProgram {
  return {
    description: 'redis:7 in Docker',
    command: 'docker',
    arguments: (folder, port) => [
      ...['run', '--rm', '--publish', `127.0.0.1:${port}:6379`, '--volume', `${folder}:/data`],
      ...['redis:7', 'redis-server', ...settings('/data')],
    ],
  };
}

function settings(folder: string): string[] {
  // Every test has a database to itself.
  const many = ['--databases', '256'];
  return ['--dir', folder, '--appendonly', 'yes', '--save', '', '--maxmemory-policy', 'noeviction', ...many];
}

/** True when it answers PING with PONG: it listens while it still loads, and then says so instead. */
async function answers(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    const settle = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(1_000, () => settle(false));
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (data) => settle(data.toString().startsWith('+PONG')));
    socket.once('error', () => settle(false));
    socket.once('close', () => settle(false));
  });
}
