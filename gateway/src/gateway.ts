import { setTimeout as sleep } from 'node:timers/promises';
import { isReapplyAvailability } from '@voltgate/shared/availability.ts';
import { chargePointChannel } from '@voltgate/shared/channels.ts';
import type { Config } from '@voltgate/shared/config.ts';
import { createGather } from '@voltgate/shared/gather.ts';
import { createInbox } from '@voltgate/shared/inbox.ts';
import { flapping } from '@voltgate/shared/letters/flapping.ts';
import { lastSeen } from '@voltgate/shared/letters/last-seen.ts';
import { ping } from '@voltgate/shared/letters/ping.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import type { Bus, FlappingReport, GatewayState, Jobs, Letter, Registry } from '@voltgate/shared/ports.ts';
import { newTraceId } from '@voltgate/shared/trace.ts';
import { withinMs } from '@voltgate/shared/within.ts';
import { heedAdministration } from './administered.ts';
import { createAdmission } from './admission.ts';
import { createAsks } from './asks.ts';
import { createAuthenticate } from './authenticate.ts';
import { createCommandRecords } from './command-records.ts';
import { type Commands, createCommands } from './commands.ts';
import { createConnections } from './connections.ts';
import { drainMs } from './drain.ts';
import { createFlapping } from './flapping.ts';
import { flushAll } from './flush.ts';
import { createFrameLog } from './frame-log.ts';
import { createHeartbeats } from './heartbeats.ts';
import { createIdentities } from './identities.ts';
import { createIncomingCalls } from './incoming-calls.ts';
import { startLease } from './lease.ts';
import { idleTimeoutSeconds } from './liveness.ts';
import { createPresence } from './presence.ts';
import { createReapply } from './reapply-availability.ts';
import { createServeCommands, isCommandMessage } from './serve-commands.ts';
import { createServer } from './server.ts';
import { createShed } from './shed.ts';
import { createUnknownChargePoints } from './unknown-charge-points.ts';
import { createUpgrade } from './upgrade.ts';
import { VERSION } from './version.ts';

export type GatewayParts = {
  readonly config: Config;
  readonly gatewayId: string;
  readonly bus: Bus;
  readonly jobs: Jobs;
  readonly registry: Registry;
  readonly log: Log;
  readonly metrics: Metrics;
};

export type Gateway = {
  readonly ocppPort: number;
  /** Commands to any charge point, wherever it is connected. */
  readonly commands: Commands;
  /** A round trip through queue, worker and store. Rejects when that does not work. */
  roundTrip(): Promise<void>;
  /** Rejects once this gateway is draining: new chargers go elsewhere. */
  serving(): Promise<void>;
  /** Says to other gateways where its API listens. */
  announce(apiUrl: string): void;
  /** No new chargers; after DRAIN_DELAY_MS the sockets are closed at the drain rate, each when what is under way is answered. */
  drain(): Promise<void>;
  /** How long `drain` takes at most from now. */
  drainMs(): number;
  /** Whoever here still waits for a charge point, wherever it is connected, is told that no answer came. */
  stopWaiting(): Promise<void>;
  /** Tells what is left to tell, releases what is owned and ends, within the time where that is given. After `drain`. */
  close(withinMs?: number): Promise<void>;
};

/** Wires the parts of a gateway and starts listening for chargers. */
export async function createGateway({
  config,
  gatewayId,
  bus,
  jobs,
  registry,
  log,
  metrics,
}: GatewayParts): Promise<Gateway> {
  const inbox = await createInbox(bus);
  const asks = createAsks({ inbox, jobs, gatewayId, timeoutMs: config.askTimeoutMs, maxPending: config.maxPending });
  const tells = createGather<Letter>({
    maxItems: config.tellBatchSize,
    maxWaitMs: config.tellBatchMs,
    maxPending: config.maxPending,
    flush: (letters) => jobs.tell(letters),
  });
  const identities = createIdentities({
    ask: asks.askWorker,
    adopt: config.unknownChargePoints === 'adopt',
    ttlMs: config.identityCacheMs,
  });
  const records = createCommandRecords({ jobs, gatewayId, log, metrics, maxWaitMs: config.tellBatchMs });
  const heartbeats = createHeartbeats({ records });
  const incomingCalls = createIncomingCalls({ ...config, asks, tells, log, metrics, onAnswered: heartbeats.heard });
  const frameLog = createFrameLog({ ...config, gatewayId, tell: jobs.log, log, metrics });
  const presence = createPresence({ jobs, gatewayId, log, metrics });
  const flaps = createFlapping({ ...config, report: (report) => void reportFlapping(report) });
  const { answered: onAnswered } = heartbeats;
  const serveCommands = createServeCommands({ bus, gatewayId, records, onAnswered, log, metrics });
  const commands = createCommands({
    ...config,
    registry,
    bus,
    inbox,
    records,
    log,
    metrics,
    channelOf: chargePointChannel,
  });
  const reapply = createReapply({ commands, commandTimeoutMs: config.commandTimeoutMs, log });
  const connections = createConnections({
    ...config,
    registry,
    bus,
    gatewayId,
    presence,
    incomingCalls,
    frameLog,
    log,
    metrics,
    onTakeover: flaps.takenOver,
    onMessage: (connection, message) => {
      if (isCommandMessage(message)) serveCommands.serve(connection, message);
      else if (connection && isReapplyAvailability(message)) void reapply(connection, message);
    },
  });
  const stopHeeding = await heedAdministration({ bus, identities, connections, log });
  const admission = createAdmission(config);
  const unknown = createUnknownChargePoints({ jobs, gatewayId, log, metrics });
  const upgrade = createUpgrade({
    admission,
    authenticate: createAuthenticate({ ...config, identities, log }),
    connections,
    onUnknown: unknown.refused,
    log,
    metrics,
    trustedProxies: config.trustedProxies,
  });
  let state: GatewayState['state'] = 'serving';
  let apiUrl = '';
  const lease = await startLease({
    ...config,
    registry,
    ownership: connections.ownership,
    gatewayId,
    state: createStateOf(),
    onRound: createShed({
      ...config,
      registry,
      gatewayId,
      all: connections.all,
      closeCode: config.drainCloseCode,
      intervalMs: config.leaseRenewMs,
      log,
    }),
    log,
    metrics,
  });
  const server = await createServer({
    ...config,
    port: config.ocppPort,
    idleTimeoutSeconds: idleTimeoutSeconds(config),
    log,
    upgrade,
  });
  const timers = [
    setInterval(() => void writeLastSeen(), config.lastSeenIntervalMs),
    setInterval(() => {
      metrics.pendingTells.set(tells.pending());
      metrics.pendingAsks.set(asks.pending());
    }, 1_000),
  ];

  function createStateOf(): () => GatewayState {
    const startedAtMs = Date.now();
    let before = { atMs: startedAtMs, frames: 0 };
    return () => {
      const now = { atMs: Date.now(), frames: connections.frames() };
      const seconds = Math.max(0.001, (now.atMs - before.atMs) / 1_000);
      const messagesPerSecond = Math.round((now.frames - before.frames) / seconds);
      before = now;
      return {
        gatewayId,
        version: VERSION,
        startedAtMs,
        renewedAtMs: now.atMs,
        state,
        connections: connections.count(),
        messagesPerSecond,
        apiUrl,
      };
    };
  }

  function drainWithinMs(): number {
    const { drainDelayMs, drainRate: rate, askTimeoutMs: waitMs } = config;
    return drainDelayMs + drainMs({ rate, waitMs }, connections.count());
  }

  async function reportFlapping(report: FlappingReport): Promise<void> {
    log.warn(report, 'charge point is taken over again and again: two devices have one id');
    metrics.flapping.inc();
    const letter = {
      action: flapping.name,
      chargePointId: report.chargePointId,
      connectionId: gatewayId,
      receivedAtMs: report.lastAtMs,
      traceId: newTraceId(),
      text: flapping.write(report),
    };
    await jobs.tell([letter]).catch((error: unknown) => log.warn({ err: error }, 'flapping not told'));
  }

  async function writeLastSeen(): Promise<void> {
    const entries = connections.heard();
    if (entries.length === 0) return;
    const letter = {
      action: lastSeen.name,
      chargePointId: '',
      connectionId: gatewayId,
      receivedAtMs: Date.now(),
      traceId: newTraceId(),
      text: lastSeen.write(entries),
    };
    // The next round carries newer times: a lost one is no loss.
    await jobs.tell([letter]).catch((error: unknown) => log.warn({ err: error }, 'last-seen times not written'));
  }

  return {
    ocppPort: server.port,
    commands,
    roundTrip: async () => void (await asks.askWorker(ping, '', {})),
    serving: async () => {
      if (state === 'draining') throw new Error('the gateway is draining');
    },
    announce(url) {
      apiUrl = url;
      void lease.renewNow();
    },
    async drain() {
      state = 'draining';
      admission.drain();
      metrics.draining.set(1);
      metrics.drainDeadline.set((Date.now() + drainWithinMs()) / 1_000);
      log.info({ connections: connections.count(), delayMs: config.drainDelayMs }, 'draining');
      await lease.renewNow();
      if (config.drainDelayMs > 0) await sleep(config.drainDelayMs);
      server.stopListening();
      await writeLastSeen();
      await connections.drain();
    },
    drainMs: drainWithinMs,
    stopWaiting: () => inbox.close(),
    async close(timeMs = Number.POSITIVE_INFINITY) {
      for (const timer of timers) clearInterval(timer);
      const flush = { tells, records, unknown, frameLog, presence, ownership: connections.ownership };
      // What takes longer waits for Redis to come back.
      await flushAll(flush, Math.min(config.askTimeoutMs, timeMs / 2), log);
      await withinMs(timeMs / 2, Promise.all([stopHeeding(), lease.resign(), inbox.close()]));
    },
  };
}
