import { announceChange, type Change } from '@voltgate/shared/changes.ts';
import type { Config } from '@voltgate/shared/config.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import { opsRoutes } from '@voltgate/shared/ops.ts';
import type { Bus, Jobs, Outcomes, Registry } from '@voltgate/shared/ports.ts';
import type { Shutdown } from '@voltgate/shared/shutdown.ts';
import type { PostgresStore } from '@voltgate/shared/store/postgres.ts';
import { createApi } from './api/api.ts';
import { createEvents } from './events.ts';
import { createGateway } from './gateway.ts';
import { VERSION } from './version.ts';

export type GatewayProcessParts = {
  readonly config: Config;
  readonly gatewayId: string;
  readonly bus: Bus;
  readonly jobs: Jobs;
  readonly registry: Registry;
  readonly outcomes: Outcomes;
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
  registry,
  outcomes,
  store,
  log,
  metrics,
  shutdown,
}: GatewayProcessParts): Promise<void> {
  const gateway = await createGateway({ config, gatewayId, bus, jobs, registry, log, metrics });
  shutdown.add('gateway', () => gateway.close());
  const probes = opsRoutes({
    registry: metrics.registry,
    log,
    checks: { serving: () => gateway.serving(), roundTrip: () => gateway.roundTrip() },
  });
  const events = await createEvents(bus, config.eventWindow);
  const { commandTimeoutMs } = config;
  const commanding = { commands: gateway.commands, outcomes, gatewayId, commandTimeoutMs };
  // The change is made whether or not gateways hear of it now: what they remember ends by itself.
  const announce = (change: Change) =>
    announceChange(bus, change).catch((error: unknown) => log.warn({ err: error, ...change }, 'change not announced'));
  const api = await createApi({
    announce,
    commanding,
    events,
    registry,
    store,
    log,
    version: VERSION,
    register: [probes],
  });
  await api.listen({ host: config.host, port: config.apiPort });
  shutdown.add('api', () => api.close());
  // Before the API closes: probes see it draining, and whoever waits for a charger's answer still gets it.
  shutdown.add(
    'drain',
    () => gateway.drain(),
    () => gateway.drainMs(),
  );

  const address = api.server.address();
  const apiPort = typeof address === 'object' && address ? address.port : config.apiPort;
  const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host;
  gateway.announce(`http://${host}:${apiPort}`);
  log.info(
    { gatewayId, ocppUrl: `ws://${host}:${gateway.ocppPort}/ocpp`, apiUrl: `http://${host}:${apiPort}` },
    'ready',
  );
}
