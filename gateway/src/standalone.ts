import { createMemoryBus } from '@voltgate/shared/memory/bus.ts';
import { createMemoryJobs } from '@voltgate/shared/memory/jobs.ts';
import { createMemoryOutcomes } from '@voltgate/shared/memory/outcomes.ts';
import { createMemoryRegistry } from '@voltgate/shared/memory/registry.ts';
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
  const registry = createMemoryRegistry();
  const outcomes = createMemoryOutcomes();
  shutdown.add('worker', await startWorker({ config, store, bus, jobs, registry, log, metrics }));
  const gatewayId = processId;
  await startGateway({ config, gatewayId, bus, jobs, registry, outcomes, store, log, metrics, shutdown });
});
