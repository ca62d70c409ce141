import { createMetrics } from '@voltgate/shared/metrics.ts';
import { listenOps } from '@voltgate/shared/ops.ts';
import { run } from '@voltgate/shared/program.ts';
import { readConnected, readQueues } from '@voltgate/shared/read-metrics.ts';
import { connectRedisPorts } from '@voltgate/shared/redis/ports.ts';
import { measuredStore } from '@voltgate/shared/store/measured.ts';
import { createStore } from '@voltgate/shared/store/postgres.ts';
import { startWorker } from './start-worker.ts';

await run('worker', async ({ config, log, shutdown, processId }) => {
  const metrics = createMetrics('worker');
  const store = measuredStore(
    createStore({ url: config.databaseUrl, poolSize: config.databasePool, applicationName: processId }),
    metrics,
  );
  shutdown.add('store', () => store.close());
  shutdown.needs('Postgres', () => store.ping());
  const { bus, jobs, registry, ping, connected, close } = await connectRedisPorts(config, processId, log);
  shutdown.add('redis', close);
  shutdown.needs('Redis', ping);
  const checks = { store: () => store.ping(), queue: async () => void (await jobs.depth()) };
  async function beforeScrape(): Promise<void> {
    readConnected(connected(), metrics);
    await readQueues(jobs, metrics);
  }
  // Before the work: a taken port is no reason to take jobs and drop them. Until all else has ended.
  const ops = await listenOps({
    host: config.host,
    port: config.opsPort,
    metrics,
    log,
    checks,
    beforeScrape,
  });
  shutdown.add('ops', () => ops.close());
  shutdown.add('worker', await startWorker({ config, store, bus, jobs, registry, log, metrics }));
  log.info({ workerId: processId, opsUrl: ops.url }, 'ready');
});
