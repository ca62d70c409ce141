import { announceChange, type Change } from '@voltgate/shared/changes.ts';
import type { Config } from '@voltgate/shared/config.ts';
import { portTaken, shownHost } from '@voltgate/shared/listening.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import { listenOps } from '@voltgate/shared/ops.ts';
import type { Bus, Jobs, Outcomes, Registry } from '@voltgate/shared/ports.ts';
import type { Shutdown } from '@voltgate/shared/shutdown.ts';
import type { PostgresStore } from '@voltgate/shared/store/postgres.ts';
import { traceJobs } from '@voltgate/shared/trace-jobs.ts';
import { createApi } from './api/api.ts';
import { closeApi } from './close-api.ts';
import { createEvents } from './events.ts';
import { createGateway, type Gateway } from './gateway.ts';
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
  /** What must work besides, for this process to be ready (see ops.ts). */
  readonly checks?: Readonly<Record<string, () => Promise<void>>>;
  /** Brings metrics up to date that are read, not counted. */
  readonly beforeScrape?: () => Promise<void>;
};

/** Starts the chargers' port, the API and the probes of one process, and says `ready` in the log with their URLs. */
export async function startGateway({
  config,
  gatewayId,
  bus,
  jobs: given,
  registry,
  outcomes,
  store,
  log,
  metrics,
  shutdown,
  checks,
  beforeScrape,
}: GatewayProcessParts): Promise<void> {
  const { host } = config;
  const jobs = traceJobs(given);
  let gateway: Gateway | undefined;
  const started = async () => gateway ?? Promise.reject(new Error('the gateway is starting'));
  // Before chargers are let in, and until all else has ended: a probe always finds somebody.
  const ops = await listenOps({
    host,
    port: config.opsPort,
    metrics,
    log,
    checks: {
      serving: async () => (await started()).serving(),
      ...checks,
      roundTrip: async () => (await started()).roundTrip(),
    },
    ...(beforeScrape && { beforeScrape }),
  });
  shutdown.add('ops', () => ops.close());
  const opened = await createGateway({ config, gatewayId, bus, jobs, registry, log, metrics });
  gateway = opened;
  shutdown.add('gateway', (withinMs) => opened.close(withinMs));
  const events = await createEvents(bus, config.eventWindow);
  const { commandTimeoutMs, apiKeyFreshMs: freshMs, apiKeyStaleMs: staleMs } = config;
  const commanding = { commands: opened.commands, outcomes, gatewayId, commandTimeoutMs };
  // The change is made whether or not gateways hear of it now: what they remember ends by itself.
  const announce = (change: Change) =>
    announceChange(bus, change).catch((error: unknown) => log.warn({ err: error, ...change }, 'change not announced'));
  const api = await createApi({
    announce,
    commanding,
    events,
    keyTimes: { freshMs, staleMs },
    registry,
    store,
    log,
    version: VERSION,
  });
  await api.listen({ host, port: config.apiPort }).catch((error: unknown) => {
    throw portTaken(error, { setting: 'API_PORT', host, port: config.apiPort });
  });
  shutdown.add('api', (timeMs) =>
    closeApi(api, { graceMs: Math.min(config.askTimeoutMs, timeMs / 4), stopWaiting: () => opened.stopWaiting() }),
  );
  // Before the API closes: whoever waits for a charger's answer still gets it.
  shutdown.add(
    'drain',
    () => opened.drain(),
    () => opened.drainMs(),
  );

  const address = api.server.address();
  const apiPort = typeof address === 'object' && address ? address.port : config.apiPort;
  const apiUrl = `http://${shownHost(host)}:${apiPort}`;
  opened.announce(apiUrl);
  log.info({ gatewayId, ocppUrl: `ws://${shownHost(host)}:${opened.ocppPort}/ocpp`, apiUrl, opsUrl: ops.url }, 'ready');
}
