import { type Static, Type } from '@sinclair/typebox';
import { Closed, DateTime, OneOf } from './types.ts';

/** [OCPP 1.6, ChargingRateUnitType] */
export const ChargingRateUnit = OneOf('A', 'W');

/** [OCPP 1.6, ChargingProfilePurposeType] */
export const ChargingProfilePurpose = OneOf('ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile');

/** [OCPP 1.6, ChargingProfileKindType] */
export const ChargingProfileKind = OneOf('Absolute', 'Recurring', 'Relative');

/** [OCPP 1.6, RecurrencyKindType] */
export const RecurrencyKind = OneOf('Daily', 'Weekly');

/** A or W, to one decimal; what counts as one is decided in validate.ts. */
const Rate = Type.Number({ multipleOf: 0.1 });

/** [OCPP 1.6, ChargingSchedulePeriod] */
export const ChargingSchedulePeriod = Closed({
  /** Seconds from the start of the schedule. */
  startPeriod: Type.Integer(),
  limit: Rate,
  numberPhases: Type.Optional(Type.Integer()),
});

/** [OCPP 1.6, ChargingSchedule] */
export const ChargingSchedule = Closed({
  /** Seconds. */
  duration: Type.Optional(Type.Integer()),
  startSchedule: Type.Optional(DateTime),
  chargingRateUnit: ChargingRateUnit,
  chargingSchedulePeriod: Type.Array(ChargingSchedulePeriod),
  minChargingRate: Type.Optional(Rate),
});

/** [OCPP 1.6, ChargingProfile] */
export const ChargingProfile = Closed({
  chargingProfileId: Type.Integer(),
  transactionId: Type.Optional(Type.Integer()),
  stackLevel: Type.Integer(),
  chargingProfilePurpose: ChargingProfilePurpose,
  chargingProfileKind: ChargingProfileKind,
  recurrencyKind: Type.Optional(RecurrencyKind),
  validFrom: Type.Optional(DateTime),
  validTo: Type.Optional(DateTime),
  chargingSchedule: ChargingSchedule,
});
export type ChargingProfile = Static<typeof ChargingProfile>;
