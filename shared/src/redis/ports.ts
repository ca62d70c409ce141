import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import type { Bus, Jobs } from '../ports.ts';
import { createRedisBus } from './bus.ts';
import { createBlockingClient, createCommandClient, createSubscriber, whenReady } from './client.ts';
import { createRedisJobs } from './jobs.ts';

const READY_WITHIN_MS = 30_000;

/** Bus and Jobs over Redis for one process, connected. Rejects when Redis does not answer within 30 s. */
export async function connectRedisPorts(
  config: Config,
  processId: string,
  log: Log,
): Promise<{ readonly bus: Bus; readonly jobs: Jobs; close(): Promise<void> }> {
  const queueUrl = config.queueRedisUrl || config.redisUrl;
  const publisher = createCommandClient(config.redisUrl, `${processId}:publish`, config.redisTimeoutMs);
  const subscriber = createSubscriber(config.redisUrl, `${processId}:subscribe`);
  const producer = createCommandClient(queueUrl, `${processId}:queue`, config.redisTimeoutMs);
  await Promise.all([publisher, subscriber, producer].map((client) => whenReady(client, READY_WITHIN_MS)));
  const bus = createRedisBus(publisher, subscriber);
  const jobs = createRedisJobs({
    producer,
    createConsumer: () => createBlockingClient(queueUrl, `${processId}:work`),
    log,
  });
  return {
    bus,
    jobs,
    async close() {
      await jobs.close();
      await bus.close();
      producer.disconnect();
    },
  };
}
