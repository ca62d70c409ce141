import type { Config } from '@voltgate/shared/config.ts';
import { createGather } from '@voltgate/shared/gather.ts';
import { createInbox } from '@voltgate/shared/inbox.ts';
import { lastSeen } from '@voltgate/shared/letters/last-seen.ts';
import { ping } from '@voltgate/shared/letters/ping.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import type { Bus, Jobs, Letter } from '@voltgate/shared/ports.ts';
import { newTraceId } from '@voltgate/shared/trace.ts';
import { createAsks } from './asks.ts';
import { createAuthenticate } from './authenticate.ts';
import { createConnections } from './connections.ts';
import { createIdentities } from './identities.ts';
import { createIncomingCalls } from './incoming-calls.ts';
import { createServer } from './server.ts';
import { createUpgrade } from './upgrade.ts';

export type GatewayParts = {
  readonly config: Config;
  readonly gatewayId: string;
  readonly bus: Bus;
  readonly jobs: Jobs;
  readonly log: Log;
  readonly metrics: Metrics;
};

export type Gateway = {
  readonly ocppPort: number;
  /** A round trip through queue, worker and store. Rejects when that does not work. */
  roundTrip(): Promise<void>;
  /** No new chargers, what is under way is answered, sockets are closed 1001, last-seen times are written. */
  close(): Promise<void>;
};

/** Wires the parts of a gateway and starts listening for chargers. */
export async function createGateway({ config, gatewayId, bus, jobs, log, metrics }: GatewayParts): Promise<Gateway> {
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
  const incomingCalls = createIncomingCalls({ ...config, asks, tells, log, metrics });
  const connections = createConnections({ ...config, incomingCalls, log, metrics });
  const upgrade = createUpgrade({
    authenticate: createAuthenticate({ ...config, identities, log }),
    connections,
    log,
    metrics,
    trustedProxies: config.trustedProxies,
  });
  const server = await createServer({ ...config, port: config.ocppPort, log, upgrade });
  const timers = [
    setInterval(() => void writeLastSeen(), config.lastSeenIntervalMs),
    setInterval(() => {
      metrics.pendingTells.set(tells.pending());
      metrics.pendingAsks.set(asks.pending());
    }, 1_000),
  ];

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
    roundTrip: async () => void (await asks.askWorker(ping, '', {})),
    async close() {
      for (const timer of timers) clearInterval(timer);
      server.stopListening();
      await writeLastSeen();
      await connections.close(config.askTimeoutMs);
      await tells.drain();
      await inbox.close();
    },
  };
}
