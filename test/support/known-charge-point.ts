import type { KnownChargePoint } from '@voltgate/shared/ports.ts';

/** A charge point as a gateway knows it: accepted, strict, without a credential. */
export function knownChargePoint(chargePointId: string): KnownChargePoint {
  return {
    chargePointId,
    registrationStatus: 'Accepted',
    credential: null,
    securityProfile: null,
    tolerant: false,
    vendor: null,
    model: null,
  };
}
