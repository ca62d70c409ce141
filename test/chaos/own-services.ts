import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OwnPostgres, removeOwnPostgres, startOwnPostgres } from '../support/own-postgres.ts';
import { findRedis, type OwnRedis, startOwnRedis } from '../support/own-redis.ts';

/** A Postgres and a Redis that nobody else uses: they are going to be treated badly. */
export type OwnServices = {
  readonly postgres: OwnPostgres;
  readonly redis: OwnRedis;
  /** On the same port with the same data, after it has ended. */
  restartPostgres(): Promise<void>;
  restartRedis(): Promise<void>;
  stop(): Promise<void>;
};

/** Starts both with empty data. A text in their place says why there is no Redis. */
export async function startOwnServices(): Promise<OwnServices | string> {
  const program = await findRedis();
  if (typeof program === 'string') return program;
  const folder = await mkdtemp(join(tmpdir(), 'voltgate-chaos-'));
  let postgres = await startOwnPostgres(folder);
  let redis = await startOwnRedis(program, join(folder, 'redis'));
  return {
    get postgres() {
      return postgres;
    },
    get redis() {
      return redis;
    },
    async restartPostgres() {
      postgres = await startOwnPostgres(folder, { port: postgres.port });
    },
    async restartRedis() {
      redis = await startOwnRedis(program, join(folder, 'redis'), { port: redis.port });
    },
    async stop() {
      await redis.stop();
      await postgres.stop();
      await removeOwnPostgres(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
