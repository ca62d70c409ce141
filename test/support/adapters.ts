import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { readConfig } from '@voltgate/shared/config.ts';
import { createLog } from '@voltgate/shared/log.ts';
import { createMemoryBus } from '@voltgate/shared/memory/bus.ts';
import { createMemoryJobs } from '@voltgate/shared/memory/jobs.ts';
import { createMemoryOutcomes } from '@voltgate/shared/memory/outcomes.ts';
import { createMemoryRegistry } from '@voltgate/shared/memory/registry.ts';
import type { Bus, Jobs, Outcomes, Registry } from '@voltgate/shared/ports.ts';
import { connectRedisPorts, type RedisPorts } from '@voltgate/shared/redis/ports.ts';
import { noRedisCluster, redisCluster } from './redis-cluster.ts';
import { redisDatabase } from './redis-database.ts';

type Several<Port> = [Port, ...Port[]] & { readonly 1: Port };

/** One adapter of a port. `skip` says why it cannot run here. */
type Adapter<Port> = {
  readonly name: string;
  readonly skip: string | false;
  /** Opened as seen from `processes` processes. */
  open(t: TestContext, processes: number): Promise<Several<Port>>;
};

type OpenPorts = (t: TestContext) => Promise<RedisPorts>;

const redisKinds: readonly { readonly name: string; readonly skip: string | false; readonly open: OpenPorts }[] = [
  { name: 'redis', skip: false, open: async (t) => connect(t, { REDIS_URL: await redisDatabase(t) }) },
  {
    name: 'redis cluster',
    skip: noRedisCluster ?? false,
    open: async (t) => connect(t, { REDIS_URL: (await redisCluster(t)).url, REDIS_CLUSTER: 'true' }),
  },
];

/** Every Bus. */
export const busAdapters: readonly Adapter<Bus>[] = adapters(createMemoryBus, ({ bus }) => bus);

/** Every Registry. */
export const registryAdapters: readonly Adapter<Registry>[] = adapters(
  () => createMemoryRegistry(),
  ({ registry }) => registry,
);

/** Every Outcomes. */
export const outcomesAdapters: readonly Adapter<Outcomes>[] = adapters(
  () => createMemoryOutcomes(),
  ({ outcomes }) => outcomes,
);

/** Every Jobs. `handlesAgain`: the adapter itself repeats what a handler threw; otherwise the sender must. */
export const jobsAdapters: readonly {
  readonly name: string;
  readonly skip: string | false;
  readonly handlesAgain: boolean;
  open(t: TestContext): Promise<Jobs>;
}[] = [
  { name: 'memory', skip: false, handlesAgain: false, open: async () => createMemoryJobs({ maxWaiting: 100 }) },
  ...redisKinds.map(({ name, skip, open }) => ({
    name,
    skip,
    handlesAgain: true,
    open: async (t: TestContext) => (await open(t)).jobs,
  })),
];

function adapters<Port>(inMemory: () => Port, portOf: (ports: RedisPorts) => Port): Adapter<Port>[] {
  return [
    {
      name: 'memory',
      skip: false,
      async open(_t, processes) {
        const port = inMemory();
        return several(processes, async () => port);
      },
    },
    ...redisKinds.map(({ name, skip, open }) => ({
      name,
      skip,
      open: (t: TestContext, processes: number) => several(processes, async () => portOf(await open(t))),
    })),
  ];
}

async function several<Port>(processes: number, open: () => Promise<Port>): Promise<Several<Port>> {
  return (await Promise.all(Array.from({ length: processes }, open))) as unknown as Several<Port>;
}

async function connect(t: TestContext, env: Readonly<Record<string, string>>): Promise<RedisPorts> {
  // How soon Redis is given up is tested elsewhere; a busy machine may take long over thousands of commands at once.
  const config = readConfig('worker', { DATABASE_URL: 'postgres://unused', REDIS_TIMEOUT_MS: '20000', ...env });
  const ports = await connectRedisPorts(config, `test-${randomUUID()}`, createLog('silent', {}));
  t.after(() => ports.close());
  return ports;
}
