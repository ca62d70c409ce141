import { createMemoryBus } from '@voltgate/shared/memory/bus.ts';
import { createMemoryJobs } from '@voltgate/shared/memory/jobs.ts';
import { createMetrics } from '@voltgate/shared/metrics.ts';
import { run } from '@voltgate/shared/program.ts';
import { createStore } from '@voltgate/shared/store/postgres.ts';
import { startWorker } from '@voltgate/worker/start-worker.ts';
import { startGateway } from './start-gateway.ts';

await run('standalone', async ({ config, log, shutdown, processId }) => {
  const metrics = createMetrics();
  const store = createStore({ url: config.databaseUrl, poolSize: config.databasePool, applicationName: processId });
  shutdown.add('store', () => store.close());
  const bus = createMemoryBus();
  const jobs = createMemoryJobs({ maxWaiting: config.maxPending });
  shutdown.add('worker', await startWorker({ config, store, bus, jobs, log, metrics }));
  await startGateway({ config, gatewayId: processId, bus, jobs, store, log, metrics, shutdown });
});
