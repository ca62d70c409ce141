import { createGather } from '@voltgate/shared/gather.ts';
import { commandRecords } from '@voltgate/shared/letters/command-records.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import type { CommandRecord, CommandStatus, Jobs, Letter } from '@voltgate/shared/ports.ts';
import { newTraceId } from '@voltgate/shared/trace.ts';
import { traceIdIn } from '@voltgate/shared/tracing.ts';

/** A command with everything its records repeat. */
export type Command = {
  readonly commandId: string;
  readonly chargePointId: string;
  readonly action: string;
  readonly payload: unknown;
  /** From its acceptance until the answer. */
  readonly timeoutMs: number;
  /** The name of the API key, or of the part of Voltgate. */
  readonly requestedBy: string;
  readonly createdAtMs: number;
  readonly traceId: string;
  /** W3C context to go on with when this command is traced. */
  readonly traceparent?: string | undefined;
};

/** What came of it, as far as a record goes. */
export type Progress = {
  readonly response?: unknown;
  readonly error?: { readonly code: string; readonly description: string };
  readonly heartbeatAtMs?: number;
};

/** Where commands stand, on their way to the store. */
export type CommandRecords = {
  /** Best effort: never waits, never throws; what does not fit or cannot be told is counted. */
  note(command: Command, status: CommandStatus, progress?: Progress): void;
  /** Tells what waits. */
  drain(): Promise<void>;
  /** Records not told yet. */
  readonly pending: () => number;
};

export type CommandRecordsOptions = {
  readonly jobs: Jobs;
  readonly gatewayId: string;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly maxWaitMs: number;
};

type Noted = { readonly command: Command; readonly record: CommandRecord };

/** Records that may wait; one command makes three. */
const MOST_PENDING = 10_000;
const MOST_TOGETHER = 200;

/** Gathers records and tells them to a worker. */
export function createCommandRecords(options: CommandRecordsOptions): CommandRecords {
  const { jobs, gatewayId, log, metrics } = options;
  const gather = createGather<Noted>({
    maxItems: MOST_TOGETHER,
    maxWaitMs: options.maxWaitMs,
    maxPending: MOST_PENDING,
    flush: tell,
  });

  async function tell(noted: readonly Noted[]): Promise<void> {
    // Records of a traced command are a letter of its trace; all others are one together.
    const sets = Map.groupBy(noted, ({ command }) => command.traceparent);
    try {
      await jobs.tell([...sets.values()].map(letterOf));
    } catch (error) {
      metrics.droppedCommandRecords.inc(noted.length);
      log.warn({ err: error, records: noted.length }, 'command records not written');
    }
  }

  function letterOf(noted: readonly Noted[]): Letter {
    const traceparent = noted[0]?.command.traceparent;
    return {
      action: commandRecords.name,
      chargePointId: '',
      connectionId: gatewayId,
      receivedAtMs: Date.now(),
      traceId: traceIdIn(traceparent) ?? newTraceId(),
      traceparent,
      text: commandRecords.write(noted.map(({ record }) => record)),
    };
  }

  return {
    note(command, status, progress) {
      const record = commandRecordOf(command, status, gatewayId, progress);
      // The flush itself never rejects: this is the bound.
      gather.add({ command, record }).catch(() => metrics.droppedCommandRecords.inc());
    },
    drain: () => gather.drain(),
    pending: gather.pending,
  };
}

/** The record that says a command came to `status` just now. */
export function commandRecordOf(
  command: Command,
  status: CommandStatus,
  gatewayId: string,
  { response = null, error, ...followed }: Progress = {},
): CommandRecord {
  const { timeoutMs: _, traceparent: __, ...kept } = command;
  return { ...kept, ...followed, status, atMs: Date.now(), response, error: error ?? null, gatewayId };
}
