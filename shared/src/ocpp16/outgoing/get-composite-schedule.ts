import { Type } from '@sinclair/typebox';
import { ChargingRateUnit, ChargingSchedule } from '../charging-profile.ts';
import { outgoing } from '../define.ts';
import { Closed, DateTime, OneOf } from '../types.ts';

/** [OCPP 1.6, 5.7] What all profiles together allow over the next `duration` seconds. */
export const getCompositeSchedule = outgoing({
  action: 'GetCompositeSchedule',
  request: Closed({
    connectorId: Type.Integer(),
    duration: Type.Integer(),
    chargingRateUnit: Type.Optional(ChargingRateUnit),
  }),
  response: Closed({
    status: OneOf('Accepted', 'Rejected'),
    connectorId: Type.Optional(Type.Integer()),
    scheduleStart: Type.Optional(DateTime),
    chargingSchedule: Type.Optional(ChargingSchedule),
  }),
});
