import { Type } from '@sinclair/typebox';
import { ChargingProfilePurpose } from '../charging-profile.ts';
import { outgoing } from '../define.ts';
import { Closed, OneOf } from '../types.ts';

/** [OCPP 1.6, 5.5] Removes the profiles that match all of the fields given. */
export const clearChargingProfile = outgoing({
  action: 'ClearChargingProfile',
  request: Closed({
    id: Type.Optional(Type.Integer()),
    connectorId: Type.Optional(Type.Integer()),
    chargingProfilePurpose: Type.Optional(ChargingProfilePurpose),
    stackLevel: Type.Optional(Type.Integer()),
  }),
  response: Closed({ status: OneOf('Accepted', 'Unknown') }),
});
