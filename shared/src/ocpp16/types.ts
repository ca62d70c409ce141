import { type Static, type TLiteral, type TSchema, type TUnion, Type } from '@sinclair/typebox';

/** An object of exactly these fields. Every OCPP 1.6 payload is closed. */
export const Closed = <T extends Record<string, TSchema>>(properties: T) =>
  Type.Object(properties, { additionalProperties: false });

type Literals<T extends readonly string[]> = { [K in keyof T]: T[K] extends string ? TLiteral<T[K]> : never };

/** One of the given words. */
export const OneOf = <const T extends readonly string[]>(...values: T): TUnion<Literals<T> & TSchema[]> =>
  Type.Union(values.map((value) => Type.Literal(value))) as unknown as TUnion<Literals<T> & TSchema[]>;

/** Text of at most `maxLength` characters. The Ci of OCPP's CiString concerns comparing, not writing. */
export const CiString = (maxLength: number) => Type.String({ maxLength });

/** [OCPP 1.6, 7.27] case-insensitive, at most 20 characters. */
export const IdToken = CiString(20);

/** With offset or without (then UTC), with or without fractions. See `readTimestamp`. */
export const DateTime = Type.String({ format: 'date-time' });

/** A transaction id as sent: digits beyond 2^53 arrive as bigint and keep every digit. */
export const SentTransactionId = Type.Union([Type.Integer(), Type.BigInt()]);

/** [OCPP 1.6, 7.2] */
export const AuthorizationStatus = OneOf('Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx');
export type AuthorizationStatus = Static<typeof AuthorizationStatus>;

/** [OCPP 1.6, 7.26] */
export const IdTagInfo = Closed({
  expiryDate: Type.Optional(DateTime),
  parentIdTag: Type.Optional(IdToken),
  status: AuthorizationStatus,
});
export type IdTagInfo = Static<typeof IdTagInfo>;

/** [OCPP 1.6, 7.41] */
export const RegistrationStatus = OneOf('Accepted', 'Pending', 'Rejected');
export type RegistrationStatus = Static<typeof RegistrationStatus>;

/** [OCPP 1.6, 7.7] */
export const ChargePointStatus = OneOf(
  'Available',
  'Preparing',
  'Charging',
  'SuspendedEVSE',
  'SuspendedEV',
  'Finishing',
  'Reserved',
  'Unavailable',
  'Faulted',
);
export type ChargePointStatus = Static<typeof ChargePointStatus>;

/** [OCPP 1.6, 7.6] */
export const ChargePointErrorCode = OneOf(
  'ConnectorLockFailure',
  'EVCommunicationError',
  'GroundFailure',
  'HighTemperature',
  'InternalError',
  'LocalListConflict',
  'NoError',
  'OtherError',
  'OverCurrentFailure',
  'PowerMeterFailure',
  'PowerSwitchFailure',
  'ReaderFailure',
  'ResetFailure',
  'UnderVoltage',
  'OverVoltage',
  'WeakSignal',
);
export type ChargePointErrorCode = Static<typeof ChargePointErrorCode>;

/** [OCPP 1.6, 7.36] */
export const Reason = OneOf(
  'EmergencyStop',
  'EVDisconnected',
  'HardReset',
  'Local',
  'Other',
  'PowerLoss',
  'Reboot',
  'Remote',
  'SoftReset',
  'UnlockCommand',
  'DeAuthorized',
);

/** [OCPP 1.6, 7.33] */
export const ReadingContext = OneOf(
  'Interruption.Begin',
  'Interruption.End',
  'Sample.Clock',
  'Sample.Periodic',
  'Transaction.Begin',
  'Transaction.End',
  'Trigger',
  'Other',
);

/** [OCPP 1.6, 7.31] */
export const Measurand = OneOf(
  'Energy.Active.Export.Register',
  'Energy.Active.Import.Register',
  'Energy.Reactive.Export.Register',
  'Energy.Reactive.Import.Register',
  'Energy.Active.Export.Interval',
  'Energy.Active.Import.Interval',
  'Energy.Reactive.Export.Interval',
  'Energy.Reactive.Import.Interval',
  'Power.Active.Export',
  'Power.Active.Import',
  'Power.Offered',
  'Power.Reactive.Export',
  'Power.Reactive.Import',
  'Power.Factor',
  'Current.Import',
  'Current.Export',
  'Current.Offered',
  'Voltage',
  'Frequency',
  'Temperature',
  'SoC',
  'RPM',
);

/** [OCPP 1.6, 7.32] */
export const Phase = OneOf('L1', 'L2', 'L3', 'N', 'L1-N', 'L2-N', 'L3-N', 'L1-L2', 'L2-L3', 'L3-L1');

/** [OCPP 1.6, 7.30] */
export const Location = OneOf('Cable', 'EV', 'Inlet', 'Outlet', 'Body');

const units = [
  'Wh',
  'kWh',
  'varh',
  'kvarh',
  'W',
  'kW',
  'VA',
  'kVA',
  'var',
  'kvar',
  'A',
  'V',
  'K',
  'Celcius',
  'Celsius',
  'Fahrenheit',
  'Percent',
] as const;

/** [OCPP 1.6, 7.45] Celcius is the misspelling of the published schema; both are read. */
export const UnitOfMeasure = OneOf(...units, 'Hertz');

/** [OCPP 1.6, 7.44] */
export const SampledValue = Closed({
  value: Type.String(),
  context: Type.Optional(ReadingContext),
  format: Type.Optional(OneOf('Raw', 'SignedData')),
  measurand: Type.Optional(Measurand),
  phase: Type.Optional(Phase),
  location: Type.Optional(Location),
  unit: Type.Optional(UnitOfMeasure),
});
export type SampledValue = Static<typeof SampledValue>;

/** [OCPP 1.6, 7.33] */
export const MeterValue = Closed({
  timestamp: DateTime,
  sampledValue: Type.Array(SampledValue, { minItems: 1 }),
});
export type MeterValue = Static<typeof MeterValue>;

/**
 * One sampled value with every default filled in and its unit brought to the base unit (Wh, W, varh, var, VA; others stay).
 * `value` is null when the text is no number (signed data, empty); `rawValue` and `rawUnit` keep what was sent.
 */
export type Sample = {
  /** By the charger's clock. */
  readonly sampledAt: Date;
  readonly measurand: string;
  /** '' = no phase: the total. */
  readonly phase: string;
  readonly location: string;
  readonly context: string;
  readonly unit: string;
  readonly value: number | null;
  readonly rawValue: string;
  readonly rawUnit: string;
};

/**
 * An entry of StopTransaction's transactionData. The published schema treats it unlike a MeterValue in two points: its
 * list of samples may be empty, and its units know no Hertz.
 */
export const TransactionData = Closed({
  timestamp: DateTime,
  sampledValue: Type.Array(Closed({ ...SampledValue.properties, unit: Type.Optional(OneOf(...units)) })),
});
