import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { postgresInContainer } from './containers.ts';
import { endLeftOver, isAlive } from './left-over.ts';
import { removeOwnPostgres, startOwnPostgres } from './own-postgres.ts';
import { findRedis, startOwnRedis } from './own-redis.ts';
import { stateFolder } from './project.ts';

/** A running Postgres or Redis. `where` says in a few words what and where it is; `pid` only when it is our child. */
export type Service = {
  readonly id: 'Postgres' | 'Redis';
  readonly url: string;
  readonly where: string;
  readonly pid?: number;
  /** Resolves when it ends, expected or not; never for one we did not start. */
  readonly ended: Promise<unknown>;
  /** Starts it again on the same port after it has ended. */
  restart(): Promise<void>;
  /** Ends it if we started it. */
  stop(): Promise<void>;
};

type Progress = (text: string) => void;

const never = new Promise<never>(() => undefined);
const nothing = async () => undefined;

/** Postgres for `npm start`: the given one, else our own with its data in `.voltgate/`. */
export async function postgresToKeep(progress: Progress): Promise<Service> {
  const given = process.env.DATABASE_URL ?? process.env.POSTGRES_URL;
  if (given) return givenService('Postgres', given);
  progress('starting Postgres');
  return await ownService('Postgres', (port) => startOwnPostgres(stateFolder, { port }), 'Postgres');
}

/** Redis for `npm start`: the given one, else our own with its data in `.voltgate/redis`; a text says why there is none. */
export async function redisToKeep(progress: Progress): Promise<Service | string> {
  if (process.env.REDIS_URL) return givenService('Redis', process.env.REDIS_URL);
  const program = await findRedis(progress);
  if (typeof program === 'string') return program;
  progress('starting Redis');
  return await ownService(
    'Redis',
    (port) => startOwnRedis(program, join(stateFolder, 'redis'), { port }),
    program.description,
  );
}

/**
 * Postgres and Redis for one run of the tests, empty and gone afterwards; given ones (`POSTGRES_URL` or `DATABASE_URL`,
 * of a role that may create databases, and `REDIS_URL`) are used as they are. `redis` is a text saying why when there
 * is none.
 */
export async function servicesForTests(progress: Progress): Promise<{
  readonly postgres: Service;
  readonly redis: Service | string;
  stop(): Promise<void>;
}> {
  await mkdir(stateFolder, { recursive: true });
  await removeLeftOvers();
  const folder = join(stateFolder, `test-${process.pid}`);
  await mkdir(folder);
  const stops: (() => Promise<void>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const postgres = await postgresForTests(folder, progress);
    stops.push(() => removeOwnPostgres(folder), postgres.stop);
    const redis = await redisForTests(folder, progress);
    if (typeof redis !== 'string') stops.push(redis.stop);
    return { postgres, redis, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What killed runs left behind: servers that still run, and their data. */
async function removeLeftOvers(): Promise<void> {
  for (const name of await readdir(stateFolder)) {
    const pid = Number(/^test-(\d+)$/.exec(name)?.[1]);
    if (Number.isNaN(pid) || (pid !== process.pid && isAlive(pid))) continue;
    const folder = join(stateFolder, name);
    await endLeftOver(join(folder, 'redis', 'redis.pid'), folder, 'SIGTERM');
    await removeOwnPostgres(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

async function postgresForTests(folder: string, progress: Progress): Promise<Service> {
  const given = process.env.POSTGRES_URL ?? process.env.DATABASE_URL;
  if (given) return givenService('Postgres', given);
  const contained = await postgresInContainer(progress);
  if (contained)
    return { id: 'Postgres', ...contained, where: 'Postgres in a container', ended: never, restart: nothing };
  // Tests kill processes, not the machine: what was written survives without fsync.
  const settings = { fsync: 'off', full_page_writes: 'off' };
  return await ownService('Postgres', (port) => startOwnPostgres(folder, { settings, port }), 'Postgres');
}

async function redisForTests(folder: string, progress: Progress): Promise<Service | string> {
  if (process.env.REDIS_URL) return givenService('Redis', process.env.REDIS_URL);
  const program = await findRedis(progress);
  if (typeof program === 'string') return program;
  return await ownService(
    'Redis',
    (port) => startOwnRedis(program, join(folder, 'redis'), { port }),
    program.description,
  );
}

function givenService(id: Service['id'], url: string): Service {
  return { id, url, where: `${new URL(url).host} (given)`, ended: never, stop: nothing, restart: nothing };
}

type Own = {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  readonly child: { readonly pid: number; readonly ended: Promise<unknown> };
  stop(): Promise<void>;
};

async function ownService(
  id: Service['id'],
  start: (port: number | undefined) => Promise<Own>,
  what: string,
): Promise<Service> {
  let own = await start(undefined);
  const { url, port, folder } = own;
  return {
    id,
    url,
    where: `${what} on 127.0.0.1:${port}, data in ${folder}`,
    get pid() {
      return own.child.pid;
    },
    get ended() {
      return own.child.ended;
    },
    stop: () => own.stop(),
    restart: async () => {
      own = await start(port);
    },
  };
}
