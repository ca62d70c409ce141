import { reply } from '@voltgate/shared/inbox.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import { outgoingActions } from '@voltgate/shared/ocpp16/outgoing/index.ts';
import type { RegistrationStatus } from '@voltgate/shared/ocpp16/types.ts';
import type { Bus, KnownChargePoint, ReplyTo } from '@voltgate/shared/ports.ts';
import type { Command, CommandRecords, Progress } from './command-records.ts';
import type { Heartbeats } from './heartbeats.ts';
import type { CallAnswer, CallOutcome, OutgoingCalls } from './outgoing-calls.ts';
import { traceExecution } from './trace-commands.ts';

/** A command on a charge point's channel, for the one connection it names. */
export type CommandMessage = {
  readonly type: 'command';
  readonly gatewayId: string;
  readonly connectionId: string;
  /** Of the claim of that connection. */
  readonly epoch: number;
  readonly replyTo: ReplyTo;
  readonly command: Command;
};

/** True for a command among what is said on a charge point's channel: only `createCommands` says such. */
export function isCommandMessage(message: { readonly type: string }): message is CommandMessage {
  return message.type === 'command';
}

/** What the one who asked is told. */
export type ServedOutcome =
  | Exclude<CallOutcome, { outcome: 'duplicate' }>
  /** The charge point's boot was not accepted. */
  | { readonly outcome: 'registration'; readonly status: Exclude<RegistrationStatus, 'Accepted'> }
  /** The connection named is not there: nothing was done. */
  | { readonly outcome: 'not-connected' };

/** A live connection as commands see it. */
export type CommandTarget = {
  readonly chargePoint: KnownChargePoint;
  readonly connectionId: string;
  /** Of its claim; undefined until it is claimed. */
  readonly epoch?: number | undefined;
  /** Older connections elsewhere have heard of its claim. */
  readonly announced: boolean;
  readonly outgoing: OutgoingCalls;
};

/** Executes commands that came over the bus. */
export type ServeCommands = {
  /**
   * Takes a command from the channel of the charge point that `target` holds here. Only the connection named executes it,
   * once. Another one answers `not-connected` if it can know that the one named is gone; a zombie keeps still.
   */
  serve(target: CommandTarget | undefined, message: CommandMessage): void;
};

export type ServeCommandsOptions = {
  readonly bus: Bus;
  readonly gatewayId: string;
  readonly records: CommandRecords;
  /** A CALLRESULT came, in time or late. */
  readonly onAnswered?: Heartbeats['answered'];
  readonly log: Log;
  readonly metrics: Metrics;
};

/** What a charge point whose boot is Pending may not be told. [OCPP 1.6, 4.2] */
const NOT_WHILE_PENDING = new Set(['RemoteStartTransaction', 'RemoteStopTransaction']);

/** Executes commands on connections of this gateway. */
export function createServeCommands(options: ServeCommandsOptions): ServeCommands {
  const { bus, gatewayId, records, log, metrics } = options;

  function serve(target: CommandTarget | undefined, message: CommandMessage): void {
    if (target && message.connectionId === target.connectionId) return execute(target, message);
    // Two gateways may hear one channel. Of those only a newer owner, or the gateway that was named, knows better; and the
    // newer one only when the connection named has heard of it: until then that may execute the command.
    const isNewer = target?.announced === true && (target.epoch ?? 0) > message.epoch;
    if (message.gatewayId === gatewayId || isNewer) answer(message, { outcome: 'not-connected' });
  }

  function execute(target: CommandTarget, message: CommandMessage): void {
    const { command, sent, ended } = traceExecution(message.command);
    const { registrationStatus: status } = target.chargePoint;
    if (status === 'Rejected' || (status === 'Pending' && NOT_WHILE_PENDING.has(command.action))) {
      ended('registration');
      records.note(command, 'aborted', { error: { code: 'registration', description: `its boot is ${status}` } });
      return answer(message, { outcome: 'registration', status });
    }
    const onSent = () => {
      sent();
      records.note(command, 'sent');
    };
    const onLate = (late: CallAnswer) => {
      metrics.lateAnswers.inc({ action: command.action });
      records.note(command, 'late', progressOf(late));
      if (late.outcome === 'answered') options.onAnswered?.(target.connectionId, command, 'late', late.payload);
      log.info({ ...fieldsOf(target, command), latencyMs: late.latencyMs }, 'late answer');
    };
    void target.outgoing.call({ ...command, onSent, onLate }).then((outcome) => {
      ended(outcome.outcome);
      // The first of the two is under way and will answer.
      if (outcome.outcome === 'duplicate') return;
      note(command, outcome);
      if (outcome.outcome === 'answered') {
        options.onAnswered?.(target.connectionId, command, 'answered', outcome.payload);
        check(target, command, outcome.payload);
      }
      answer(message, outcome);
    });
  }

  function note(command: Command, outcome: Exclude<CallOutcome, { outcome: 'duplicate' }>): void {
    switch (outcome.outcome) {
      case 'answered':
      case 'rejected':
        return records.note(command, outcome.outcome, progressOf(outcome));
      case 'timed-out':
        return records.note(command, 'timed-out');
      case 'aborted':
        return records.note(command, 'aborted', {
          error: { code: outcome.sent ? 'connection-lost' : 'not-sent', description: outcome.reason },
        });
      case 'expired':
        return records.note(command, 'aborted', {
          error: { code: 'expired', description: 'it waited too long behind other commands' },
        });
      case 'queue-full':
        return records.note(command, 'aborted', {
          error: { code: 'queue-full', description: 'too many commands wait for this charge point' },
        });
    }
  }

  // What a charger answers is passed on as it is; that it deviates is counted.
  function check({ chargePoint }: CommandTarget, { action }: Command, payload: unknown): void {
    if (!outgoingActions.get(action)?.validateResponse(payload)) return;
    const { vendor, model } = chargePoint;
    metrics.deviations.inc({ kind: 'invalid-conf', vendor: vendor ?? 'unknown', model: model ?? 'unknown' });
  }

  function answer({ replyTo, command }: CommandMessage, outcome: ServedOutcome): void {
    reply(bus, replyTo, { payload: outcome }).catch((error: unknown) =>
      log.warn({ err: error, commandId: command.commandId, traceId: command.traceId }, 'outcome of a command not told'),
    );
  }

  return { serve };
}

function progressOf(answer: CallAnswer): Progress {
  if (answer.outcome === 'answered') return { response: answer.payload };
  return { error: { code: answer.code, description: answer.description } };
}

function fieldsOf({ chargePoint, connectionId }: CommandTarget, { commandId, action, traceId }: Command) {
  return { chargePointId: chargePoint.chargePointId, connectionId, commandId, action, traceId };
}
