import { type Cluster, startCluster } from '../support/cluster.ts';
import { stateFolder } from '../support/project.ts';
import { postgresToKeep, redisToKeep, type Service } from '../support/services.ts';
import { demonstrate, idTagOf } from './demo.ts';
import { type Front, openFront, type Target } from './front.ts';
import type { Options } from './options.ts';
import type { Report } from './report.ts';
import { readyScreen } from './screen.ts';
import { keptApiKey, openLogs, ownDatabase } from './state.ts';
import { supervise } from './supervise.ts';
import { createUndo, type Undo } from './undo.ts';

/** Everything that runs, as the screen and the events show it. */
export type Running = {
  readonly mode: 'cluster' | 'standalone';
  /** Ends before the charge point id. */
  readonly ocppUrl: string;
  readonly apiUrl: string;
  readonly docsUrl: string;
  readonly cluster: Cluster;
  readonly postgres: Service;
  readonly redis: Service | undefined;
  readonly logFolder: string;
};

/** Chargers are local and nobody registered them. */
const LOCAL_SETTINGS = { UNKNOWN_CHARGE_POINTS: 'adopt', ALLOW_PROFILE_0: 'true' };

/**
 * Starts everything, runs until `stopping` is aborted, then stops everything in the reverse order; what was started is
 * also stopped when a later step fails. Rejects with that failure, or with the reason of the abort.
 */
export async function launch(options: Options, report: Report, stopping: AbortSignal): Promise<void> {
  const undo = createUndo();
  try {
    const running = await start(options, report, stopping, undo);
    report.event('ready', readyEvent(running));
    report.screen(readyScreen(running));
    if (options.demo) undo.add('chargers', demonstrate(running, options.chargers, report));
    await new Promise((resolve) => stopping.addEventListener('abort', resolve, { once: true }));
    stopping.throwIfAborted();
  } finally {
    report.progress('stopping');
    await undo.run(report.progress);
    report.progress('stopped');
  }
}

async function start(options: Options, report: Report, stopping: AbortSignal, undo: Undo): Promise<Running> {
  let cluster: Cluster | undefined;
  const behind = (url: 'ocppUrl' | 'apiUrl') => () =>
    (cluster?.gateways ?? []).map((gateway) => targetOf(gateway.id, gateway[url]));
  // The ports first: a busy one should not cost a minute. Until there is a gateway they answer 503.
  const chargers = await openPort(options.port, behind('ocppUrl'));
  undo.add('the port for chargers', chargers.close);
  const clients = await openPort(options.port && options.port + 1, behind('apiUrl'));
  undo.add('the port of the API', clients.close);

  const postgres = await postgresToKeep(report.progress);
  undo.add('Postgres', postgres.stop);
  stopping.throwIfAborted();
  const redis = options.standalone ? undefined : await redisOrNone(report);
  if (redis) undo.add('Redis', redis.stop);
  stopping.throwIfAborted();

  const { gateways, workers } = options;
  const what = redis
    ? `${counted(gateways, 'gateway')} and ${counted(workers, 'worker')}`
    : 'gateway and worker in one process';
  report.progress(`migrating the database, then starting ${what}`);
  const logs = await openLogs(stateFolder);
  cluster = await startCluster({
    databaseUrl: process.env.DATABASE_URL ?? (await ownDatabase(postgres.url)),
    redisUrl: redis?.url,
    gateways,
    workers,
    apiKey: await keptApiKey(stateFolder),
    idTags: options.demo ? Array.from({ length: options.chargers }, (_, index) => idTagOf(index)) : [],
    env: LOCAL_SETTINGS,
    log: logs.write,
  });
  undo.add('gateways and workers', cluster.stop);
  const services = redis ? [postgres, redis] : [postgres];
  undo.add('supervision', supervise([...services, ...cluster.gateways, ...cluster.workers], report.progress));
  stopping.throwIfAborted();
  const apiUrl = `http://${shownHost()}:${clients.port}`;
  return {
    mode: redis ? 'cluster' : 'standalone',
    ocppUrl: `ws://${shownHost()}:${chargers.port}${new URL(cluster.ocppUrls[0] ?? 'ws://none/ocpp').pathname}`,
    apiUrl,
    docsUrl: `${apiUrl}/docs`,
    cluster,
    postgres,
    redis,
    logFolder: logs.folder,
  };
}

async function openPort(port: number, targets: () => readonly Target[]): Promise<Front> {
  try {
    return await openFront({ host: listenHost(), port, targets });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(`port ${port} is in use; choose another with --port`, { cause: error });
  }
}

async function redisOrNone(report: Report): Promise<Service | undefined> {
  const redis = await redisToKeep(report.progress);
  if (typeof redis !== 'string') return redis;
  report.progress(`running standalone, in one process, because there is no Redis: ${redis}`);
  return undefined;
}

function readyEvent({ cluster, ocppUrl, apiUrl, docsUrl, mode }: Running): Readonly<Record<string, unknown>> {
  const gateways = cluster.gateways.map(({ id, pid, ...urls }) => ({
    id,
    pid,
    ocppUrl: urls.ocppUrl,
    apiUrl: urls.apiUrl,
    opsUrl: urls.opsUrl,
  }));
  const workers = cluster.workers.map(({ id, pid, opsUrl }) => ({ id, pid, opsUrl }));
  return { ocppUrl, apiUrl, apiKey: cluster.apiKey, docsUrl, mode, gateways, workers };
}

/** Local by default: chargers without a password are let in. */
function listenHost(): string {
  return process.env.HOST ?? '127.0.0.1';
}

function shownHost(): string {
  const host = listenHost();
  return host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
}

function targetOf(id: string, url: string): Target {
  const { hostname, port } = new URL(url);
  return { id, host: hostname, port: Number(port) };
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
