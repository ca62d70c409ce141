import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OwnPostgres, removeOwnPostgres, startOwnPostgres } from '../support/own-postgres.ts';
import { findRedis, type OwnRedis, startOwnRedis } from '../support/own-redis.ts';

/** A Postgres and a Redis that nobody else uses: they are going to be treated badly. */
export type OwnServices = { readonly postgres: OwnPostgres; readonly redis: OwnRedis; stop(): Promise<void> };

/** Starts both with empty data. A text in their place says why there is no Redis. */
export async function startOwnServices(): Promise<OwnServices | string> {
  const program = await findRedis();
  if (typeof program === 'string') return program;
  const folder = await mkdtemp(join(tmpdir(), 'voltgate-chaos-'));
  const postgres = await startOwnPostgres(folder);
  const redis = await startOwnRedis(program, join(folder, 'redis'));
  return {
    postgres,
    redis,
    async stop() {
      await redis.stop();
      await postgres.stop();
      await removeOwnPostgres(folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
