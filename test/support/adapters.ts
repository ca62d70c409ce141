import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { readConfig } from '@voltgate/shared/config.ts';
import { createLog } from '@voltgate/shared/log.ts';
import { createMemoryBus } from '@voltgate/shared/memory/bus.ts';
import { createMemoryJobs } from '@voltgate/shared/memory/jobs.ts';
import type { Bus, Jobs } from '@voltgate/shared/ports.ts';
import { connectRedisPorts } from '@voltgate/shared/redis/ports.ts';
import { redisDatabase } from './redis-database.ts';

type Buses = [Bus, ...Bus[]] & { readonly 1: Bus };

/** Every Bus, opened as seen from `processes` processes. */
export const busAdapters: readonly {
  readonly name: string;
  open(t: TestContext, processes: number): Promise<Buses>;
}[] = [
  {
    name: 'memory',
    async open(_t, processes) {
      const bus = createMemoryBus();
      return Array.from({ length: processes }, () => bus) as unknown as Buses;
    },
  },
  {
    name: 'redis',
    async open(t, processes) {
      return (await Promise.all(
        Array.from({ length: processes }, async () => (await redisPorts(t)).bus),
      )) as unknown as Buses;
    },
  },
];

/** Every Jobs. `handlesAgain`: the adapter itself repeats what a handler threw; otherwise the sender must. */
export const jobsAdapters: readonly {
  readonly name: string;
  readonly handlesAgain: boolean;
  open(t: TestContext): Promise<Jobs>;
}[] = [
  { name: 'memory', handlesAgain: false, open: async () => createMemoryJobs({ maxWaiting: 100 }) },
  { name: 'redis', handlesAgain: true, open: async (t) => (await redisPorts(t)).jobs },
];

async function redisPorts(t: TestContext) {
  const config = readConfig('worker', { DATABASE_URL: 'postgres://unused', REDIS_URL: await redisDatabase(t) });
  const ports = await connectRedisPorts(config, `test-${randomUUID()}`, createLog('silent', {}));
  t.after(() => ports.close());
  return ports;
}
