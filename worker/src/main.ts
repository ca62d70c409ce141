import { createMetrics } from '@voltgate/shared/metrics.ts';
import { listenOps } from '@voltgate/shared/ops.ts';
import { run } from '@voltgate/shared/program.ts';
import { connectRedisPorts } from '@voltgate/shared/redis/ports.ts';
import { createStore } from '@voltgate/shared/store/postgres.ts';
import { startWorker } from './start-worker.ts';

await run('worker', async ({ config, log, shutdown, processId }) => {
  const metrics = createMetrics();
  const store = createStore({ url: config.databaseUrl, poolSize: config.databasePool, applicationName: processId });
  shutdown.add('store', () => store.close());
  const { bus, jobs, registry, close } = await connectRedisPorts(config, processId, log);
  shutdown.add('redis', close);
  shutdown.add('worker', await startWorker({ config, store, bus, jobs, registry, log, metrics }));

  const checks = { store: () => store.ping(), queue: async () => void (await jobs.depth()) };
  async function beforeScrape(): Promise<void> {
    for (const [queue, depth] of Object.entries(await jobs.depth())) {
      for (const [state, jobsInState] of Object.entries(depth)) metrics.jobs.set({ queue, state }, jobsInState);
    }
  }
  const ops = await listenOps({
    host: config.host,
    port: config.opsPort,
    registry: metrics.registry,
    log,
    checks,
    beforeScrape,
  });
  shutdown.add('ops', () => ops.close());
  log.info({ workerId: processId, opsUrl: ops.url }, 'ready');
});
