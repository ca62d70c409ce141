import type { ChargePointEvent } from '../../ports.ts';
import type { IncomingCall } from '../define.ts';
import { provenance } from './provenance.ts';

type StatusPayload = { readonly status: string; readonly requestId?: number };

/**
 * The event of a status notification. These carry no time, so it is the receive time; without a request id the status
 * itself keeps two notifications of one millisecond apart.
 */
export function statusEvent(kind: string, call: IncomingCall<StatusPayload>): ChargePointEvent {
  const { requestId, status } = call.payload;
  return {
    ...provenance(call),
    kind,
    requestId: requestId === undefined ? status : String(requestId),
    at: call.receivedAt,
    payload: call.payload,
  };
}
