import { createMetrics } from '@voltgate/shared/metrics.ts';
import { run } from '@voltgate/shared/program.ts';
import { connectRedisPorts } from '@voltgate/shared/redis/ports.ts';
import { createStore } from '@voltgate/shared/store/postgres.ts';
import { startGateway } from './start-gateway.ts';

await run('gateway', async ({ config, log, shutdown, processId }) => {
  const store = createStore({ url: config.databaseUrl, poolSize: config.databasePool, applicationName: processId });
  shutdown.add('store', () => store.close());
  const { bus, jobs, close } = await connectRedisPorts(config, processId, log);
  shutdown.add('redis', close);
  await startGateway({ config, gatewayId: processId, bus, jobs, store, log, metrics: createMetrics(), shutdown });
});
