import { Type } from '@sinclair/typebox';
import { ChargingProfile } from '../charging-profile.ts';
import { outgoing } from '../define.ts';
import { Closed, OneOf } from '../types.ts';

/** [OCPP 1.6, 5.16] Limits what a connector, or with connector 0 the charge point, may deliver. */
export const setChargingProfile = outgoing({
  action: 'SetChargingProfile',
  request: Closed({ connectorId: Type.Integer(), csChargingProfiles: ChargingProfile }),
  response: Closed({ status: OneOf('Accepted', 'Rejected', 'NotSupported') }),
});
