import { createMemoryBus } from '@voltgate/shared/memory/bus.ts';
import { createMemoryJobs } from '@voltgate/shared/memory/jobs.ts';
import { createMemoryOutcomes } from '@voltgate/shared/memory/outcomes.ts';
import { createMemoryRegistry } from '@voltgate/shared/memory/registry.ts';
import { createMetrics } from '@voltgate/shared/metrics.ts';
import { run } from '@voltgate/shared/program.ts';
import { readQueues } from '@voltgate/shared/read-metrics.ts';
import { measuredStore } from '@voltgate/shared/store/measured.ts';
import { createStore } from '@voltgate/shared/store/postgres.ts';
import { startWorker } from '@voltgate/worker/start-worker.ts';
import { startGateway } from './start-gateway.ts';

await run('standalone', async ({ config: given, log, shutdown, processId }) => {
  // Nobody else could take its chargers: balancers have nothing to learn while it waits.
  const config = { ...given, drainDelayMs: 0 };
  const metrics = createMetrics('standalone');
  const store = measuredStore(
    createStore({ url: config.databaseUrl, poolSize: config.databasePool, applicationName: processId }),
    metrics,
  );
  shutdown.add('store', () => store.close());
  shutdown.needs('Postgres', () => store.ping());
  const bus = createMemoryBus();
  const jobs = createMemoryJobs({ maxWaiting: config.maxPending });
  // A small computer without a clock of its own may start in the past: who comes then is newer all the same.
  const registry = createMemoryRegistry({ epochsAfter: await store.newestEpoch() });
  const outcomes = createMemoryOutcomes();
  shutdown.add('worker', await startWorker({ config, store, bus, jobs, registry, log, metrics }));
  const gatewayId = processId;
  const beforeScrape = () => readQueues(jobs, metrics);
  await startGateway({ config, gatewayId, bus, jobs, registry, outcomes, store, log, metrics, shutdown, beforeScrape });
});
