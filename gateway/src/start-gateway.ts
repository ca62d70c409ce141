import type { Config } from '@voltgate/shared/config.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import { opsRoutes } from '@voltgate/shared/ops.ts';
import type { Bus, Jobs } from '@voltgate/shared/ports.ts';
import type { Shutdown } from '@voltgate/shared/shutdown.ts';
import type { PostgresStore } from '@voltgate/shared/store/postgres.ts';
import { createApi } from './api/api.ts';
import { createGateway } from './gateway.ts';
import { VERSION } from './version.ts';

export type GatewayProcessParts = {
  readonly config: Config;
  readonly gatewayId: string;
  readonly bus: Bus;
  readonly jobs: Jobs;
  readonly store: PostgresStore;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly shutdown: Shutdown;
};

/** Starts the chargers' port, the API and the probes of one process, and says `ready` in the log with their URLs. */
export async function startGateway({
  config,
  gatewayId,
  bus,
  jobs,
  store,
  log,
  metrics,
  shutdown,
}: GatewayProcessParts): Promise<void> {
  const gateway = await createGateway({ config, gatewayId, bus, jobs, log, metrics });
  shutdown.add('gateway', () => gateway.close());
  const probes = opsRoutes({ registry: metrics.registry, log, checks: { roundTrip: () => gateway.roundTrip() } });
  const api = await createApi({ store, log, version: VERSION, register: [probes] });
  await api.listen({ host: config.host, port: config.apiPort });
  shutdown.add('api', () => api.close());

  const address = api.server.address();
  const apiPort = typeof address === 'object' && address ? address.port : config.apiPort;
  const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host;
  log.info(
    { gatewayId, ocppUrl: `ws://${host}:${gateway.ocppPort}/ocpp`, apiUrl: `http://${host}:${apiPort}` },
    'ready',
  );
}
