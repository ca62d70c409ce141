import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import type { Bus, Jobs, Outcomes, Registry } from '../ports.ts';
import { createRedisBus } from './bus.ts';
import { createBlockingClient, createCommandClient, createSubscriber, type Place, whenReady } from './client.ts';
import { createRedisJobs } from './jobs.ts';
import { createRedisOutcomes } from './outcomes.ts';
import { createRedisRegistry } from './registry.ts';

const READY_WITHIN_MS = 30_000;

/** Everything of one process that is in Redis. `close` closes all of it. */
export type RedisPorts = {
  readonly bus: Bus;
  readonly jobs: Jobs;
  readonly registry: Registry;
  readonly outcomes: Outcomes;
  /** One round trip to each Redis. Rejects as soon as one is known to be away. */
  ping(): Promise<void>;
  /** Which connections are up, by what they are for. */
  connected(): Readonly<Record<'commands' | 'subscriber' | 'queue', boolean>>;
  close(): Promise<void>;
};

/** Bus, Jobs, Registry and Outcomes over Redis for one process, connected. Rejects when it does not answer within 30 s. */
export async function connectRedisPorts(config: Config, processId: string, log: Log): Promise<RedisPorts> {
  const { redisSentinels: hosts, redisSentinelPassword: password } = config;
  const sentinels = hosts === '' ? undefined : { hosts, password };
  const main: Place = { url: config.redisUrl, cluster: config.redisCluster, sentinels };
  // A queue is in one slot, so a Redis of its own is a single one.
  const queue: Place = config.queueRedisUrl === '' ? main : { url: config.queueRedisUrl, cluster: false, sentinels };
  const commands = createCommandClient(main, `${processId}:commands`, config.redisTimeoutMs);
  const subscriber = createSubscriber(main, `${processId}:subscribe`, config.redisTimeoutMs);
  const producer = createCommandClient(queue, `${processId}:queue`, config.redisTimeoutMs);
  const clients = [commands, subscriber, producer];
  try {
    await Promise.all(clients.map((client) => whenReady(client, READY_WITHIN_MS)));
  } catch (error) {
    for (const client of clients) client.disconnect();
    throw error;
  }
  const bus = createRedisBus(commands, subscriber);
  const jobs = createRedisJobs({
    producer,
    createConsumer: () => createBlockingClient(queue, `${processId}:work`),
    log,
  });
  const registry = createRedisRegistry(commands);
  // What a restart must not forget: who repeats a request would have it done twice.
  const outcomes = createRedisOutcomes(producer);
  return {
    bus,
    jobs,
    registry,
    outcomes,
    ping: async () => void (await Promise.all([commands.ping(), producer.ping()])),
    connected: () => ({
      commands: commands.status === 'ready',
      subscriber: subscriber.status === 'ready',
      queue: producer.status === 'ready',
    }),
    async close() {
      await jobs.close();
      await registry.close();
      await outcomes.close();
      await bus.close();
    },
  };
}
