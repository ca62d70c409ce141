import type { TestContext } from 'node:test';
import { createCommandRecords } from '@voltgate/gateway/command-records.ts';
import type { Connection } from '@voltgate/gateway/connection.ts';
import { type Connections, createConnections } from '@voltgate/gateway/connections.ts';
import { createFrameLog } from '@voltgate/gateway/frame-log.ts';
import { createPresence } from '@voltgate/gateway/presence.ts';
import { createServeCommands, isCommandMessage } from '@voltgate/gateway/serve-commands.ts';
import { readConfig } from '@voltgate/shared/config.ts';
import { createLog } from '@voltgate/shared/log.ts';
import { createMemoryJobs } from '@voltgate/shared/memory/jobs.ts';
import { createMetrics } from '@voltgate/shared/metrics.ts';
import type { Bus, Registry } from '@voltgate/shared/ports.ts';
import { gatewayState } from './gateway-state.ts';
import { knownChargePoint } from './known-charge-point.ts';

/** A charger on no wire: what was written to its socket, and how that was closed. */
export type Plugged = {
  readonly connection: Connection;
  readonly frames: readonly string[];
  readonly closedWith: readonly number[];
  readonly pings: () => number;
  /** Closes it from the charger's side. */
  close(): void;
};

const ABNORMAL = 1006;

/** The connections of one gateway as `createGateway` wires them, without sockets and workers. Its lease lives for a minute. */
export async function openConnections(
  t: TestContext,
  {
    gatewayId,
    bus,
    registry,
    env = {},
  }: {
    readonly gatewayId: string;
    readonly bus: Bus;
    readonly registry: Registry;
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<{ readonly connections: Connections; readonly plug: (chargePointId: string) => Plugged }> {
  const config = readConfig('standalone', { DATABASE_URL: 'postgres://unused', ...env });
  const log = createLog('silent', {});
  const metrics = createMetrics();
  const jobs = createMemoryJobs({ maxWaiting: 10 });
  const nothing = async () => undefined;
  await jobs.work({ tell: nothing, ask: nothing }, { tellConcurrency: 1, askConcurrency: 1 });
  const records = createCommandRecords({ jobs, gatewayId, log, metrics, maxWaitMs: 0 });
  const presence = createPresence({ jobs, gatewayId, log, metrics });
  const { serve } = createServeCommands({ bus, gatewayId, records, log, metrics });
  const connections = createConnections({
    ...config,
    registry,
    bus,
    gatewayId,
    presence,
    incomingCalls: { answer: () => '[3,"",{}]' },
    frameLog: createFrameLog({ ...config, frameLog: 'off', gatewayId, tell: jobs.log, log, metrics }),
    log,
    metrics,
    onTakeover: () => undefined,
    onMessage: (connection, message) => {
      if (isCommandMessage(message)) serve(connection, message);
    },
  });
  t.after(async () => {
    await connections.drain();
    await presence.close();
  });
  await registry.renew(gatewayState(gatewayId), 60_000);

  function plug(chargePointId: string): Plugged {
    const frames: string[] = [];
    const closedWith: number[] = [];
    let pings = 0;
    const end = (code: number, reason: string) => {
      if (closedWith.length > 0) return;
      closedWith.push(code);
      connection.closed(code, reason);
    };
    const connection = connections.open(
      knownChargePoint(chargePointId),
      {
        send: (text) => frames.push(text) > 0,
        ping: () => {
          pings += 1;
        },
        close: end,
        drop: () => end(ABNORMAL, ''),
      },
      '127.0.0.1',
    );
    return { connection, frames, closedWith, pings: () => pings, close: () => end(1000, '') };
  }

  return { connections, plug };
}
