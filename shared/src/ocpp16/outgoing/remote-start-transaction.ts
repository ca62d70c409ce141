import { Type } from '@sinclair/typebox';
import { ChargingProfile } from '../charging-profile.ts';
import { outgoing } from '../define.ts';
import { Closed, IdToken, OneOf } from '../types.ts';

/** [OCPP 1.6, 5.11] Accepted promises nothing: the transaction is there when StartTransaction comes. */
export const remoteStartTransaction = outgoing({
  action: 'RemoteStartTransaction',
  request: Closed({
    connectorId: Type.Optional(Type.Integer()),
    idTag: IdToken,
    chargingProfile: Type.Optional(ChargingProfile),
  }),
  response: Closed({ status: OneOf('Accepted', 'Rejected') }),
});
