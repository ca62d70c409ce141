import type { Provenance } from '../../ports.ts';
import type { IncomingCall } from '../define.ts';

/** The facts of a Call that go with its content into the store. */
export function provenance(call: IncomingCall<unknown>): Provenance {
  const { chargePointId, connectionId, receivedAt, traceId } = call;
  return { chargePointId, connectionId, receivedAt, traceId };
}
