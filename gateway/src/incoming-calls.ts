import { Full, type Gather } from '@voltgate/shared/gather.ts';
import { NoAnswer } from '@voltgate/shared/inbox.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import type { Incoming } from '@voltgate/shared/ocpp16/define.ts';
import { type ErrorCode, OcppError } from '@voltgate/shared/ocpp16/errors.ts';
import { incomingActions } from '@voltgate/shared/ocpp16/incoming/index.ts';
import { type Call, writeCallError, writeCallResult } from '@voltgate/shared/ocpp16/message.ts';
import { outgoingActions } from '@voltgate/shared/ocpp16/outgoing/index.ts';
import { deviationKinds, firstIntolerable } from '@voltgate/shared/ocpp16/tolerant.ts';
import { violationError } from '@voltgate/shared/ocpp16/validate.ts';
import { JobsUnavailable, type KnownChargePoint, type Letter } from '@voltgate/shared/ports.ts';
import type { Trace } from '@voltgate/shared/tracing.ts';
import type { Asks } from './asks.ts';

/** Who says a Call. */
export type Caller = { readonly chargePoint: KnownChargePoint; readonly connectionId: string };

/** Answers Calls of chargers. */
export type IncomingCalls = {
  /** The frame to answer with. Never rejects or throws: whatever goes wrong is a CALLERROR. */
  answer(caller: Caller, call: Call, text: string, trace: Trace): string | Promise<string>;
};

export type IncomingCallsOptions = {
  readonly asks: Asks;
  readonly tells: Gather<Letter>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly heartbeatIntervalSeconds: number;
  readonly bootRetryIntervalSeconds: number;
  readonly authorizeWhenAway: 'Accepted' | 'Invalid';
  /** The gateway itself answers, that is a Heartbeat: no worker hears of it. */
  readonly onAnswered?: (connectionId: string) => void;
};

const ZONELESS = /T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?"/;
/** Read as `{}`. */
const NULL_PAYLOAD = /,\s*null\s*\]\s*$/;

/** Looks a Call up, validates it and sends it its way: answered, told or asked. */
export function createIncomingCalls(options: IncomingCallsOptions): IncomingCalls {
  const { asks, tells, log, metrics } = options;
  const observe = {
    answered: metrics.callSeconds.labels({ way: 'answered' }),
    tell: metrics.callSeconds.labels({ way: 'tell' }),
    ask: metrics.callSeconds.labels({ way: 'ask' }),
  };
  const outcomes = new Map<string, { inc(): void }>();

  function count(action: string, outcome: string): void {
    const key = `${action} ${outcome}`;
    const counter = outcomes.get(key) ?? metrics.calls.labels({ action, outcome });
    outcomes.set(key, counter);
    counter.inc();
  }

  function answer(caller: Caller, call: Call, text: string, trace: Trace): string | Promise<string> {
    const receivedAtMs = Date.now();
    const definition = incomingActions.get(call.action);
    if (!definition) return refuse(caller, call, undefined, unknownAction(call.action));
    const fault = check(caller, definition, call.payload, text);
    if (fault) return refuse(caller, call, definition, fault);
    if (definition.way === 'answered') {
      options.onAnswered?.(caller.connectionId);
      return result(call, definition, receivedAtMs, definition.answer(new Date(receivedAtMs)));
    }

    const { chargePointId } = caller.chargePoint;
    const letter: Letter = {
      action: call.action,
      chargePointId,
      connectionId: caller.connectionId,
      receivedAtMs,
      traceId: trace.traceId,
      text,
      traceparent: trace.span?.traceparent,
    };
    if (definition.way === 'tell') {
      return tells.add(letter).then(
        () => result(call, definition, receivedAtMs, {}, letter.traceId),
        (error: unknown) => refuse(caller, call, definition, error, letter.traceId),
      );
    }
    return asks.ask(letter).then(
      (payload) => result(call, definition, receivedAtMs, payload, letter.traceId),
      (error: unknown) => {
        if (!definition.whenAway || !isAway(error)) return refuse(caller, call, definition, error, letter.traceId);
        log.warn(
          { err: error, chargePointId, action: call.action, traceId: letter.traceId },
          'answered without a worker',
        );
        return result(call, definition, receivedAtMs, definition.whenAway(away(caller)), letter.traceId);
      },
    );
  }

  /** Undefined when the payload may go on: valid, or a deviation a tolerant charge point is allowed. */
  function check(caller: Caller, definition: Incoming, payload: unknown, text: string): OcppError | undefined {
    const violations = definition.validate(payload);
    if (ZONELESS.test(text)) countDeviations(caller, ['zoneless-timestamp']);
    if (isEmpty(payload) && NULL_PAYLOAD.test(text)) countDeviations(caller, ['null-payload']);
    if (!violations) return undefined;
    const kinds = caller.chargePoint.tolerant ? deviationKinds(violations) : undefined;
    if (kinds) {
      countDeviations(caller, kinds);
      return undefined;
    }
    const reason = (caller.chargePoint.tolerant && firstIntolerable(violations)) || violations[0];
    return reason ? violationError(reason) : new OcppError('FormationViolation', 'the payload is not valid');
  }

  function countDeviations({ chargePoint }: Caller, kinds: readonly string[]): void {
    for (const kind of kinds)
      metrics.deviations.inc({ kind, vendor: chargePoint.vendor ?? 'unknown', model: chargePoint.model ?? 'unknown' });
  }

  function result(call: Call, definition: Incoming, receivedAtMs: number, payload: unknown, traceId?: string): string {
    observe[definition.way].observe((Date.now() - receivedAtMs) / 1_000);
    count(call.action, 'answered');
    if (traceId !== undefined) log.debug({ action: call.action, messageId: call.messageId, traceId }, 'call answered');
    return writeCallResult(call.messageId, payload);
  }

  function refuse(
    caller: Caller,
    call: Call,
    definition: Incoming | undefined,
    error: unknown,
    traceId?: string,
  ): string {
    const { code, description, details } = callErrorOf(error);
    count(definition ? call.action : 'unknown', code);
    const fields = {
      chargePointId: caller.chargePoint.chargePointId,
      connectionId: caller.connectionId,
      action: call.action,
      messageId: call.messageId,
      code,
      description,
      traceId,
    };
    if (code === 'InternalError') log.warn({ ...fields, err: error }, 'call refused');
    else log.info(fields, 'call refused');
    return writeCallError(call.messageId, code, description, details);
  }

  function away({ chargePoint }: Caller) {
    return {
      chargePoint,
      now: new Date(),
      heartbeatIntervalSeconds: options.heartbeatIntervalSeconds,
      // A fleet that was refused together should not come back together.
      retryIntervalSeconds: Math.ceil(options.bootRetryIntervalSeconds * (0.5 + Math.random())),
      authorizeWhenAway: options.authorizeWhenAway,
    };
  }

  return { answer };
}

function isEmpty(payload: unknown): boolean {
  for (const _ in payload as object) return false;
  return true;
}

function unknownAction(action: string): OcppError {
  if (outgoingActions.has(action)) return new OcppError('NotSupported', `${action} is for charge points`);
  return new OcppError('NotImplemented', `${action.slice(0, 50)} is no action of OCPP 1.6`);
}

const isAway = (error: unknown) =>
  error instanceof NoAnswer || error instanceof JobsUnavailable || error instanceof Full;

/** The one place where failures become CALLERRORs. What is not OCPP's is InternalError: nothing of ours leaks. */
function callErrorOf(error: unknown): { code: ErrorCode; description: string; details: unknown } {
  if (error instanceof OcppError) return { code: error.code, description: error.message, details: error.details };
  const description = isAway(error)
    ? 'the message could not be stored, send it again'
    : 'the message could not be handled';
  return { code: 'InternalError', description, details: {} };
}
