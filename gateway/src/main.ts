import { createMetrics } from '@voltgate/shared/metrics.ts';
import { run } from '@voltgate/shared/program.ts';
import { readConnected } from '@voltgate/shared/read-metrics.ts';
import { connectRedisPorts } from '@voltgate/shared/redis/ports.ts';
import { measuredStore } from '@voltgate/shared/store/measured.ts';
import { createStore } from '@voltgate/shared/store/postgres.ts';
import { startGateway } from './start-gateway.ts';

await run('gateway', async ({ config, log, shutdown, processId }) => {
  const metrics = createMetrics('gateway');
  const store = measuredStore(
    createStore({ url: config.databaseUrl, poolSize: config.databasePool, applicationName: processId }),
    metrics,
  );
  shutdown.add('store', () => store.close());
  shutdown.needs('Postgres', () => store.ping());
  const { bus, jobs, registry, outcomes, ping, connected, close } = await connectRedisPorts(config, processId, log);
  shutdown.add('redis', close);
  shutdown.needs('Redis', ping);
  const gatewayId = processId;
  const beforeScrape = async () => readConnected(connected(), metrics);
  const ports = { bus, jobs, registry, outcomes, store };
  const checks = { redis: ping };
  await startGateway({ config, gatewayId, ...ports, log, metrics, shutdown, checks, beforeScrape });
});
