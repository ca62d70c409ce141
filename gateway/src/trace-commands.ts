import { startSpan } from '@voltgate/shared/tracing.ts';
import type { Command } from './command-records.ts';

/** A command under way in a span; `command` carries the context for whoever goes on with it. */
export type TracedCommand = {
  readonly command: Command;
  ended(outcome: string): void;
};

/** The same on the gateway that executes it. */
export type TracedExecution = TracedCommand & {
  /** The Call was given to the socket: from now on it is the charge point that takes its time. */
  sent(): void;
};

const ANSWERED = 'answered';

/** From the command given until its outcome is known, on the gateway that was asked. */
export function tracePublish(command: Command): TracedCommand {
  const span = startSpan({
    name: 'command publish',
    kind: 'producer',
    traceparent: command.traceparent,
    attributes: { ...messaging, ...attributesOf(command), 'messaging.operation.name': 'publish' },
  });
  if (!span) return { command, ended: nothing };
  return {
    command: { ...command, traceparent: span.traceparent },
    ended: (outcome) => span.end(...endOf(outcome)),
  };
}

/** From the command heard until its outcome is known, on the gateway that holds the charge point. */
export function traceExecution(command: Command): TracedExecution {
  const span = startSpan({
    name: 'command execute',
    kind: 'consumer',
    traceparent: command.traceparent,
    attributes: { ...messaging, ...attributesOf(command), 'messaging.operation.name': 'execute' },
  });
  if (!span) return { command, sent: nothing, ended: nothing };
  let call: ReturnType<typeof startSpan>;
  return {
    command: { ...command, traceparent: span.traceparent },
    sent() {
      call = startSpan({
        name: `ocpp.call ${command.action}`,
        kind: 'client',
        traceparent: span.traceparent,
        attributes: { ...attributesOf(command), 'network.protocol.name': 'websocket' },
      });
    },
    ended(outcome) {
      call?.end(...endOf(outcome));
      span.end(...endOf(outcome));
    },
  };
}

const messaging = { 'messaging.system': 'redis', 'messaging.destination.name': 'charge-point' };

// The command's id is the message id of its Call.
function attributesOf({ action, chargePointId, commandId }: Command) {
  return { 'ocpp.action': action, 'ocpp.message_id': commandId, 'charge_point.id': chargePointId };
}

function endOf(outcome: string) {
  return [{ 'ocpp.outcome': outcome }, outcome === ANSWERED ? undefined : outcome] as const;
}

const nothing = () => undefined;
