import { incomingActions } from '@voltgate/shared/ocpp16/incoming/index.ts';
import { type Call, readMessage } from '@voltgate/shared/ocpp16/message.ts';
import { newTraceId } from '@voltgate/shared/trace.ts';
import { beginTrace, isTracing, type Trace } from '@voltgate/shared/tracing.ts';
import type { Caller } from './incoming-calls.ts';

/** Begins the trace of a Call of a charger. */
export function traceCall({ chargePoint, connectionId }: Caller, { action, messageId }: Call): Trace {
  if (!isTracing()) return { traceId: newTraceId() };
  // A charger may call its actions anything; spans have few names.
  const name = incomingActions.has(action) ? action : 'unknown';
  return beginTrace({
    name: `ocpp.receive ${name}`,
    kind: 'server',
    attributes: {
      'network.protocol.name': 'websocket',
      'ocpp.action': name,
      'ocpp.message_id': messageId,
      'charge_point.id': chargePoint.chargePointId,
      'voltgate.connection.id': connectionId,
    },
  });
}

/** Ends it with the frame the charger is answered with. */
export function endTraceOfCall({ span }: Trace, frame: string): void {
  if (!span) return;
  const answer = readMessage(frame);
  const code = answer.type === 'error' ? answer.code : undefined;
  span.end({ 'ocpp.outcome': code ?? 'answered' }, code);
}
