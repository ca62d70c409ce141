/**
 * Every table. Times are timestamptz; energies are Wh; durations say their unit in the name. A comment on a column that
 * is not plain says where it comes from. Idempotency lives in the unique keys here, nowhere else.
 */
import { sql } from 'drizzle-orm';
import {
  bigint,
  bigserial,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgSequence,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';

const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });
/** Wh. Whole by the specification, but meters send fractions. */
const wh = (name: string) => doublePrecision(name);

export const chargePoint = pgTable('charge_point', {
  chargePointId: text('charge_point_id').primaryKey(),
  /** Accepted | Pending | Rejected */
  registrationStatus: text('registration_status').notNull().default('Accepted'),
  /** Hashed, see credential.ts; null = no credential asked for. */
  credential: text('credential'),
  tolerant: boolean('tolerant').notNull().default(false),
  /** True when it introduced itself and the policy let it in. */
  adopted: boolean('adopted').notNull().default(false),
  vendor: text('vendor'),
  model: text('model'),
  serialNumber: text('serial_number'),
  boxSerialNumber: text('box_serial_number'),
  firmwareVersion: text('firmware_version'),
  iccid: text('iccid'),
  imsi: text('imsi'),
  meterType: text('meter_type'),
  meterSerialNumber: text('meter_serial_number'),
  /** When the gateway read the last BootNotification. */
  bootAt: moment('boot_at'),
  lastSeenAt: moment('last_seen_at'),
  online: boolean('online').notNull().default(false),
  /** Since when it is online or offline. */
  presenceAt: moment('presence_at'),
  /** Of the presence kept: an older one changes nothing. */
  epoch: bigint('epoch', { mode: 'number' }).notNull().default(0),
  gatewayId: text('gateway_id'),
  connectionId: text('connection_id'),
  address: text('address'),
  lastDisconnectAt: moment('last_disconnect_at'),
  lastDisconnectReason: text('last_disconnect_reason'),
  lastDisconnectCategory: text('last_disconnect_category'),
  /** 0 = none asked for, 1 = Basic auth, 2 = over TLS besides, 3 = client certificate; null = by credential and ALLOW_PROFILE_0. */
  securityProfile: smallint('security_profile'),
  /** Version of its local list as last known; 0 = not supported or empty. */
  localListVersion: integer('local_list_version'),
  /** ms, charger clock minus ours, the greatest seen since the last boot: queued messages only ever look older. */
  clockSkewMs: bigint('clock_skew_ms', { mode: 'number' }),
  traceId: uuid('trace_id'),
  createdAt: moment('created_at').notNull().defaultNow(),
});

/** Current state per connector; connector 0 is the whole charge point. [OCPP 1.6, 4.9] */
export const connector = pgTable(
  'connector',
  {
    chargePointId: text('charge_point_id').notNull(),
    connectorId: integer('connector_id').notNull(),
    status: text('status').notNull(),
    errorCode: text('error_code').notNull(),
    info: text('info'),
    vendorId: text('vendor_id'),
    vendorErrorCode: text('vendor_error_code'),
    /** By the charger's clock; the receive time when it sent none. */
    statusAt: moment('status_at').notNull(),
    /** The earlier of statusAt and receivedAt: what "newest" is decided by, so that no future stamp wins for ever. */
    effectiveAt: moment('effective_at').notNull(),
    receivedAt: moment('received_at').notNull(),
    /** implausible-clock, connector-0-status */
    flags: text('flags').array().notNull().default(sql`'{}'`),
    traceId: uuid('trace_id'),
  },
  (table) => [primaryKey({ columns: [table.chargePointId, table.connectorId] })],
);

/** Every StatusNotification once. */
export const connectorStatus = pgTable(
  'connector_status',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    chargePointId: text('charge_point_id').notNull(),
    connectorId: integer('connector_id').notNull(),
    status: text('status').notNull(),
    errorCode: text('error_code').notNull(),
    info: text('info'),
    vendorId: text('vendor_id'),
    vendorErrorCode: text('vendor_error_code'),
    statusAt: moment('status_at').notNull(),
    receivedAt: moment('received_at').notNull(),
    traceId: uuid('trace_id'),
  },
  (table) => [
    uniqueIndex('connector_status_key').on(
      table.chargePointId,
      table.connectorId,
      table.statusAt,
      table.status,
      table.errorCode,
    ),
  ],
);

/** idTags are compared case-insensitively: `idTag` here is lower case. [OCPP 1.6, 7.28] */
export const idTag = pgTable('id_tag', {
  idTag: text('id_tag').primaryKey(),
  /** As the operator or the charger wrote it first. */
  displayIdTag: text('display_id_tag').notNull(),
  /** Accepted | Blocked | Expired | Invalid */
  status: text('status').notNull().default('Accepted'),
  expiresAt: moment('expires_at'),
  /** Lower case. Tags with one parent form a group: one may stop what another started. */
  parentIdTag: text('parent_id_tag'),
  /** Running transactions allowed at one time over the whole fleet; null = any number. */
  maxActiveTransactions: integer('max_active_transactions').default(1),
  createdAt: moment('created_at').notNull().defaultNow(),
});

/** positive int32, one for the whole fleet. */
export const transactionIdSequence = pgSequence('transaction_id', { startWith: 1, increment: 1, maxValue: 2147483647 });

export const transaction = pgTable(
  'transaction',
  {
    id: integer('id').primaryKey().default(sql`nextval('transaction_id')`),
    chargePointId: text('charge_point_id').notNull(),
    connectorId: integer('connector_id').notNull(),
    /** As the charger wrote it. */
    idTag: text('id_tag').notNull(),
    /** Lower case: what it is compared by. */
    idTagKey: text('id_tag_key').notNull(),
    reservationId: integer('reservation_id'),
    meterStartWh: wh('meter_start_wh').notNull(),
    /** By the charger's clock. */
    startedAt: moment('started_at').notNull(),
    startReceivedAt: moment('start_received_at').notNull(),
    /** What the first Start was answered; a retry gets the same. */
    idTagInfo: jsonb('id_tag_info').notNull(),
    /** active | suspect (open across a boot) | stopped */
    status: text('status').notNull().default('active'),
    suspectSince: moment('suspect_since'),
    /** Newest import register seen, by charger time. */
    lastRegisterWh: wh('last_register_wh'),
    lastRegisterAt: moment('last_register_at'),
    meterStopWh: wh('meter_stop_wh'),
    stoppedAt: moment('stopped_at'),
    stopReceivedAt: moment('stop_received_at'),
    stopReason: text('stop_reason'),
    stopIdTag: text('stop_id_tag'),
    /** charger | policy (closed after a boot without a Stop) */
    stoppedBy: text('stopped_by'),
    /** Delivered energy; null while running. From the meter engine. */
    energyWh: wh('energy_wh'),
    /** register | samples | rollover | last-sample | none: how energyWh was found */
    energySource: text('energy_source'),
    /** What is odd about it: meter-stop-below-start, register-reset, register-rollover, implausible-clock, implausible-jump ... */
    flags: text('flags').array().notNull().default(sql`'{}'`),
    /** Of the Start. */
    traceId: uuid('trace_id'),
    stopTraceId: uuid('stop_trace_id'),
  },
  (table) => [
    // A retried Start finds its transaction by content while it runs; two charges of a clock stuck in 1970 stay two.
    uniqueIndex('transaction_open_key')
      .on(table.chargePointId, table.connectorId, table.idTagKey, table.startedAt, table.meterStartWh)
      .where(sql`status <> 'stopped'`),
    index('transaction_charge_point').on(table.chargePointId, table.id),
    index('transaction_charge_point_started').on(table.chargePointId, table.startedAt),
    index('transaction_closed_by_policy').on(table.chargePointId).where(sql`stopped_by = 'policy'`),
    index('transaction_started').on(table.startedAt, table.id),
    index('transaction_id_tag').on(table.idTagKey, table.startedAt, table.id),
    index('transaction_open_tag').on(table.idTagKey).where(sql`status <> 'stopped'`),
    index('transaction_suspect').on(table.suspectSince).where(sql`status = 'suspect'`),
  ],
);

/**
 * Samples. Range-partitioned by day of `sampledAt` (the migration creates it so; drizzle does not know partitions), with a
 * default partition for clocks gone astray.
 */
export const meterValue = pgTable(
  'meter_value',
  {
    chargePointId: text('charge_point_id').notNull(),
    connectorId: integer('connector_id').notNull(),
    /** 0 = none. */
    transactionId: integer('transaction_id').notNull(),
    sampledAt: moment('sampled_at').notNull(),
    /** Codes of vocabulary.ts. */
    measurand: smallint('measurand').notNull(),
    phase: smallint('phase').notNull(),
    location: smallint('location').notNull(),
    context: smallint('context').notNull(),
    unit: smallint('unit').notNull(),
    /** In the base unit; null when the text is no number. */
    value: doublePrecision('value'),
    /** As sent; null when the value says it all: no unit scaling, and its text reads back the same. */
    rawValue: text('raw_value'),
    rawUnit: text('raw_unit'),
    receivedAt: moment('received_at').notNull(),
    traceId: uuid('trace_id'),
  },
  (table) => [
    primaryKey({
      name: 'meter_value_key',
      columns: [
        table.chargePointId,
        table.connectorId,
        table.transactionId,
        table.sampledAt,
        table.measurand,
        table.phase,
        table.location,
        table.context,
      ],
    }),
    index('meter_value_transaction').on(table.transactionId, table.sampledAt).where(sql`transaction_id <> 0`),
  ],
);

/** Codes from 1000 up for words outside the specification, given as they appear. */
export const vocabulary = pgTable(
  'vocabulary',
  {
    /** measurand | phase | location | context | unit */
    kind: text('kind').notNull(),
    word: text('word').notNull(),
    code: smallint('code').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.kind, table.word] }),
    uniqueIndex('vocabulary_code').on(table.kind, table.code),
  ],
);

/** Messages that name a transaction nobody knows: kept raw, matched when the transaction shows up. */
export const orphan = pgTable(
  'orphan',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    chargePointId: text('charge_point_id').notNull(),
    /** StopTransaction | MeterValues */
    action: text('action').notNull(),
    /** Digits as sent. */
    sentTransactionId: text('sent_transaction_id').notNull(),
    connectorId: integer('connector_id'),
    idTagKey: text('id_tag_key'),
    meterStopWh: wh('meter_stop_wh'),
    /** By the charger's clock. */
    at: moment('at').notNull(),
    receivedAt: moment('received_at').notNull(),
    /** The frame's payload as sent. */
    payload: text('payload').notNull(),
    /** SHA-256 of the payload: a retry is one orphan. */
    digest: text('digest').notNull(),
    matchedTransactionId: integer('matched_transaction_id'),
    matchedAt: moment('matched_at'),
    traceId: uuid('trace_id'),
  },
  (table) => [
    uniqueIndex('orphan_key').on(table.chargePointId, table.action, table.digest),
    index('orphan_waiting').on(table.chargePointId).where(sql`matched_transaction_id is null`),
  ],
);

/** Notifications and data transfers as they came. */
export const chargePointEvent = pgTable(
  'charge_point_event',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    chargePointId: text('charge_point_id').notNull(),
    kind: text('kind').notNull(),
    requestId: text('request_id').notNull(),
    at: moment('at').notNull(),
    receivedAt: moment('received_at').notNull(),
    payload: jsonb('payload').notNull(),
    traceId: uuid('trace_id'),
  },
  (table) => [uniqueIndex('charge_point_event_key').on(table.chargePointId, table.kind, table.requestId, table.at)],
);

/** CSRs of chargers. [Security Whitepaper, SignCertificate] */
export const certificateRequest = pgTable(
  'certificate_request',
  {
    chargePointId: text('charge_point_id').notNull(),
    /** SHA-256 of the CSR. */
    digest: text('digest').notNull(),
    csr: text('csr').notNull(),
    receivedAt: moment('received_at').notNull(),
    traceId: uuid('trace_id'),
  },
  (table) => [primaryKey({ columns: [table.chargePointId, table.digest] })],
);

/** Letters no retry can help, for a person to look at. */
export const deadLetter = pgTable(
  'dead_letter',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    chargePointId: text('charge_point_id').notNull(),
    action: text('action').notNull(),
    text: text('text').notNull(),
    reason: text('reason').notNull(),
    receivedAt: moment('received_at').notNull(),
    traceId: uuid('trace_id'),
    createdAt: moment('created_at').notNull().defaultNow(),
  },
  (table) => [index('dead_letter_charge_point').on(table.chargePointId, table.receivedAt)],
);

/** API keys, hashed. */
export const apiKey = pgTable('api_key', {
  /** SHA-256 of the key: keys are random, so a plain digest is enough. */
  digest: text('digest').primaryKey(),
  name: text('name').notNull(),
  /** admin | operator | viewer */
  role: text('role').notNull(),
  createdAt: moment('created_at').notNull().defaultNow(),
});

/** Every command and what became of it. */
export const command = pgTable(
  'command',
  {
    commandId: uuid('command_id').primaryKey(),
    chargePointId: text('charge_point_id').notNull(),
    action: text('action').notNull(),
    payload: jsonb('payload').notNull(),
    /** queued | sent | answered | rejected | timed-out | late | aborted */
    status: text('status').notNull(),
    requestedBy: text('requested_by').notNull(),
    createdAt: moment('created_at').notNull(),
    sentAt: moment('sent_at'),
    endedAt: moment('ended_at'),
    response: jsonb('response'),
    errorCode: text('error_code'),
    errorDescription: text('error_description'),
    gatewayId: text('gateway_id').notNull(),
    /** What is followed beyond the answer: waiting | happened | missed; null = nothing. */
    followStatus: text('follow_status'),
    followDeadline: moment('follow_deadline'),
    followedAt: moment('followed_at'),
    /** What happened: the transaction's id, the boot, the status. */
    followDetail: jsonb('follow_detail'),
    traceId: uuid('trace_id'),
  },
  (table) => [
    index('command_charge_point').on(table.chargePointId, table.createdAt, table.commandId),
    index('command_following').on(table.chargePointId, table.action).where(sql`follow_status = 'waiting'`),
  ],
);

/** Configuration keys a charge point is known to have. */
export const configurationKey = pgTable(
  'configuration_key',
  {
    chargePointId: text('charge_point_id').notNull(),
    key: text('key').notNull(),
    value: text('value'),
    readonly: boolean('readonly').notNull().default(false),
    /** Set, and takes effect after a reboot. */
    rebootRequired: boolean('reboot_required').notNull().default(false),
    /** The charger answered that it does not know the key. */
    unknown: boolean('unknown').notNull().default(false),
    knownAt: moment('known_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.chargePointId, table.key] })],
);

/** What an operator wants a connector to be, kept over reboots. */
export const availabilityIntent = pgTable(
  'availability_intent',
  {
    chargePointId: text('charge_point_id').notNull(),
    connectorId: integer('connector_id').notNull(),
    /** Operative | Inoperative */
    type: text('type').notNull(),
    /** Accepted | Scheduled */
    answer: text('answer').notNull(),
    at: moment('at').notNull(),
    /** The boot it was last looked at after: once per boot it is sent again if need be. */
    reappliedBootAt: moment('reapplied_boot_at'),
  },
  (table) => [
    primaryKey({ columns: [table.chargePointId, table.connectorId] }),
    // What is Operative needs no care after a boot: it is what chargers come up as.
    index('availability_intent_inoperative').on(table.chargePointId).where(sql`type = 'Inoperative'`),
  ],
);

/** ids of reservations and charging profiles the system gives itself. */
export const reservationIdSequence = pgSequence('reservation_id', { startWith: 1, increment: 1, maxValue: 2147483647 });

export const reservation = pgTable(
  'reservation',
  {
    chargePointId: text('charge_point_id').notNull(),
    reservationId: integer('reservation_id').notNull(),
    connectorId: integer('connector_id').notNull(),
    idTag: text('id_tag').notNull(),
    parentIdTag: text('parent_id_tag'),
    expiresAt: moment('expires_at').notNull(),
    /** active | cancelled | used */
    status: text('status').notNull(),
    at: moment('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.chargePointId, table.reservationId] })],
);

/** Charging profiles a charge point is known to have. */
export const chargingProfile = pgTable(
  'charging_profile',
  {
    chargePointId: text('charge_point_id').notNull(),
    chargingProfileId: integer('charging_profile_id').notNull(),
    connectorId: integer('connector_id').notNull(),
    stackLevel: integer('stack_level').notNull(),
    purpose: text('purpose').notNull(),
    profile: jsonb('profile').notNull(),
    at: moment('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.chargePointId, table.chargingProfileId] })],
);

/** Pairs of connections that take one charge point from each other: two devices with one id. */
export const flapping = pgTable('flapping', {
  chargePointId: text('charge_point_id').primaryKey(),
  /** Takeovers seen within the window. */
  takeovers: integer('takeovers').notNull(),
  addresses: text('addresses').array().notNull().default(sql`'{}'`),
  firstAt: moment('first_at').notNull(),
  lastAt: moment('last_at').notNull(),
});

/** Identities nobody registered that asked to be let in and were refused; the newest are kept. */
export const unknownChargePoint = pgTable(
  'unknown_charge_point',
  {
    chargePointId: text('charge_point_id').primaryKey(),
    /** Refused attempts; at least so many: reports that overtake each other are not added up. */
    attempts: integer('attempts').notNull(),
    firstAt: moment('first_at').notNull(),
    lastAt: moment('last_at').notNull(),
    /** Of the last attempt. */
    address: text('address').notNull(),
    /** Offered in the last attempt. */
    subprotocols: text('subprotocols').array().notNull().default(sql`'{}'`),
  },
  (table) => [index('unknown_charge_point_newest').on(table.lastAt, table.chargePointId)],
);

/** The message log. Range-partitioned by day of `at`; the migration creates it so. */
export const frame = pgTable(
  'frame',
  {
    id: bigserial('id', { mode: 'number' }).notNull(),
    at: moment('at').notNull(),
    chargePointId: text('charge_point_id').notNull(),
    connectionId: text('connection_id').notNull(),
    gatewayId: text('gateway_id').notNull(),
    /** in (from the charge point) | out */
    direction: text('direction').notNull(),
    kind: text('kind').notNull(),
    messageId: text('message_id').notNull(),
    action: text('action').notNull(),
    text: text('text').notNull(),
    latencyMs: doublePrecision('latency_ms'),
    errorCode: text('error_code'),
    traceId: uuid('trace_id'),
  },
  (table) => [
    primaryKey({ columns: [table.at, table.id] }),
    index('frame_charge_point').on(table.chargePointId, table.at, table.id),
    // Errors are few among many frames: a look for them must not walk through days of the log.
    index('frame_errors').on(table.at, table.id).where(sql`error_code is not null`),
  ],
);
