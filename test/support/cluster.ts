import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { keepApiKey, keepIdTags } from './api-key.ts';
import type { Ended } from './child.ts';
import { entries, type Program, runProgram, startProgram } from './programs.ts';

/** One process of a cluster. Its getters speak of the newest start. */
export type Member = {
  readonly id: string;
  /** What it calls itself: its id and when it started. */
  readonly processId: string;
  readonly process: ChildProcess;
  readonly pid: number;
  /** Resolves when the running process is gone. */
  readonly ended: Promise<Ended>;
  /** The last lines it wrote. */
  output(): readonly string[];
  kill(signal: NodeJS.Signals): void;
  /** Asks it to end (SIGTERM) and waits. */
  stop(): Promise<Ended>;
  /** Ends it if it runs, and starts it again on the same ports. */
  restart(): Promise<void>;
};

/** A gateway, or the one process of the standalone mode. */
export type GatewayMember = Member & {
  /** Ends before the charge point id. */
  readonly ocppUrl: string;
  readonly apiUrl: string;
  /** Probes and metrics. */
  readonly opsUrl: string;
};

export type WorkerMember = Member & { readonly opsUrl: string };

export type Cluster = {
  readonly gateways: readonly GatewayMember[];
  readonly workers: readonly WorkerMember[];
  readonly ocppUrls: readonly string[];
  /** A key with the role admin. */
  readonly apiKey: string;
  /** Ends the gateways, then the workers. */
  stop(): Promise<void>;
};

export type ClusterOptions = {
  /** An existing database; it is migrated. */
  readonly databaseUrl: string;
  /** Without it there is one process, the standalone one. */
  readonly redisUrl?: string | undefined;
  /** Default 2. */
  readonly gateways?: number;
  /** Default 1. */
  readonly workers?: number;
  /** Before every id, so that two clusters on the same stores are one. */
  readonly prefix?: string;
  /** Default: a new one. */
  readonly apiKey?: string;
  /** Known and accepted in any number of transactions. */
  readonly idTags?: readonly string[];
  /** Settings for all of them. */
  readonly env?: Readonly<Record<string, string>>;
  /** Settings of single processes, by their id. */
  readonly envOf?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Ports of single processes, by their id; else any free ones. */
  readonly portsOf?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Sees every line of every process. */
  readonly log?: (id: string, line: string) => void;
  readonly programs?: typeof entries;
};

const STOP_MS = 60_000;
/** Nobody needs time to notice that a gateway stops, and chargers here live days in seconds. */
const IN_A_HURRY = {
  DRAIN_DELAY_MS: '0',
  DRAIN_RATE: '2000',
  MESSAGES_PER_SECOND: '10000',
  UPGRADES_PER_SECOND: '10000',
};

/**
 * Migrates the database and starts real processes: gateways and workers, or the standalone one when there is no Redis.
 * Resolves when all are ready; when one is not, ends the others and rejects with its last lines.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { databaseUrl, redisUrl, programs = entries } = options;
  const migration = { ...options.env, DATABASE_URL: databaseUrl };
  await runProgram('migrations', { entry: programs.migrations, env: migration, log: logOf('migrations', options) });
  const apiKey = options.apiKey ?? randomBytes(24).toString('base64url');
  await keepApiKey(databaseUrl, apiKey);
  await keepIdTags(databaseUrl, options.idTags ?? []);
  const count = redisUrl === undefined ? { gateways: 1, workers: 0 } : options;
  const gatewayEntry = redisUrl === undefined ? 'standalone' : 'gateway';
  const started = await Promise.allSettled([
    ...numbered(gatewayEntry, count.gateways ?? 2, options.prefix).map((id) =>
      startGateway(id, programs[gatewayEntry], options),
    ),
    ...numbered('worker', count.workers ?? 1, options.prefix).map((id) => startWorker(id, programs.worker, options)),
  ]);
  const members = started.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const gateways = members.filter((member) => 'ocppUrl' in member);
  const workers = members.filter((member) => !('ocppUrl' in member));
  const stop = async () => {
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await Promise.all(workers.map((worker) => worker.stop()));
  };
  for (const outcome of started) {
    if (outcome.status === 'fulfilled') continue;
    await stop();
    throw outcome.reason;
  }
  return { gateways, workers, ocppUrls: gateways.map((gateway) => gateway.ocppUrl), apiKey, stop };
}

async function startGateway(id: string, entry: string, options: ClusterOptions): Promise<GatewayMember> {
  const ports = { OCPP_PORT: '0', API_PORT: '0', OPS_PORT: '0', GATEWAY_ID: id };
  const member = await startMember(id, entry, ports, options);
  const { ocppUrl, apiUrl, opsUrl } = member.ready;
  if (!ocppUrl || !apiUrl || !opsUrl)
    throw new Error(`${id} did not say its ocppUrl, apiUrl and opsUrl when it was ready`);
  // The restarted process takes the ports of the first, so that whoever knows them finds it again.
  ports.OCPP_PORT = portOf(ocppUrl);
  ports.API_PORT = portOf(apiUrl);
  ports.OPS_PORT = portOf(opsUrl);
  return Object.assign(member.member, { ocppUrl: trimmed(ocppUrl), apiUrl: trimmed(apiUrl), opsUrl: trimmed(opsUrl) });
}

async function startWorker(id: string, entry: string, options: ClusterOptions): Promise<WorkerMember> {
  const ports = { OPS_PORT: '0', WORKER_ID: id };
  const { member, ready } = await startMember(id, entry, ports, options);
  const opsUrl = ready.opsUrl ?? '';
  if (opsUrl) ports.OPS_PORT = portOf(opsUrl);
  return Object.assign(member, { opsUrl });
}

async function startMember(
  id: string,
  entry: string,
  ports: Readonly<Record<string, string>>,
  options: ClusterOptions,
): Promise<{ readonly member: Member; readonly ready: Program['ready'] }> {
  const start = () => {
    const stores = { DATABASE_URL: options.databaseUrl, ...(options.redisUrl && { REDIS_URL: options.redisUrl }) };
    const own = { ...options.envOf?.[id], ...ports, ...options.portsOf?.[id] };
    const env = { HOST: '127.0.0.1', ...IN_A_HURRY, ...options.env, ...stores, ...own };
    return startProgram(id, { entry, env, log: logOf(id, options) });
  };
  let program = await start();
  const member: Member = {
    id,
    get processId() {
      return program.ready.gatewayId ?? program.ready.workerId ?? id;
    },
    get process() {
      return program.child.process;
    },
    get pid() {
      return program.child.pid;
    },
    get ended() {
      return program.child.ended;
    },
    output: () => program.child.output(),
    kill: (signal) => void program.child.process.kill(signal),
    stop: () => program.child.stop({ timeoutMs: STOP_MS }),
    restart: async () => {
      await program.child.stop({ timeoutMs: STOP_MS });
      program = await start();
    },
  };
  return { member, ready: program.ready };
}

function numbered(name: string, count: number, prefix = ''): string[] {
  return Array.from({ length: count }, (_, index) => (name === 'standalone' ? name : `${prefix}${name}-${index + 1}`));
}

function logOf(id: string, { log }: ClusterOptions): (line: string) => void {
  return (line) => log?.(id, line);
}

function portOf(url: string): string {
  return new URL(url).port;
}

function trimmed(url: string): string {
  return url.replace(/\/$/, '');
}
