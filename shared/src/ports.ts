/**
 * The seams of Voltgate. Each has a Redis or Postgres adapter and, for the standalone mode, one in memory; one
 * contract suite holds all of them to the guarantees written here.
 *
 * Glossary
 * - charge point: one OCPP 1.6 station, known by the identity in its URL.
 * - letter: one thing a charger (or a gateway about its chargers) says, on its way to a worker.
 * - tell: a letter accepted durably, handled at least once, in any order.
 * - ask: a letter whose answer depends on a commit; the answer comes back to the asker's inbox.
 * - owner: the gateway and connection that hold a charge point's newest socket; every other one is a zombie.
 * - epoch: grows with every claim of a charge point; what carries an older one is out of date.
 * - lease: the sign of life of a gateway; an owner counts only while its gateway's lease lives.
 * - trace id: 32 hex digits that follow one frame or request through jobs, log lines and rows, the id of its trace if it is
 *   traced.
 */
import type { ErrorCode } from './ocpp16/errors.ts';
import type {
  ChargePointErrorCode,
  ChargePointStatus,
  IdTagInfo,
  MeterValue,
  RegistrationStatus,
  Sample,
} from './ocpp16/types.ts';

/** One thing said, on its way to a worker. */
export type Letter = {
  /** An OCPP action, or the name of one of the gateway's own letters. */
  readonly action: string;
  readonly chargePointId: string;
  /** The socket it came in on: unique over all gateways and time. */
  readonly connectionId: string;
  /** When the gateway read it, ms since 1970. */
  readonly receivedAtMs: number;
  readonly traceId: string;
  /** W3C context to go on with when this letter is traced (tracing.ts). */
  readonly traceparent?: string | undefined;
  /** The frame exactly as the charger sent it, or the JSON of the gateway's own payload. */
  readonly text: string;
};

/** Where the answer of an ask goes. */
export type ReplyTo = { readonly channel: string; readonly token: string };

/** What an ask comes back with: the payload of the conf, or the reason for a CALLERROR. */
export type Answer =
  | { readonly payload: unknown }
  | { readonly error: { readonly code: ErrorCode; readonly description: string } };

/** What a worker does with letters. */
export type Work = {
  /** Handles all of them or throws; a throw means "again later", for all of them. */
  tell(letters: readonly Letter[]): Promise<void>;
  /** Handles one and publishes its answer to `replyTo`; a throw means "again later". */
  ask(letter: Letter, replyTo: ReplyTo): Promise<void>;
};

/** How many jobs stand where. */
export type Depth = {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
  /** When the oldest of them was accepted; null = there is none. */
  readonly oldestAtMs: number | null;
};

/** The store of letters is away or full: the letter was perhaps not accepted, so the charger must not be told it was. */
export class JobsUnavailable extends Error {
  override readonly name = 'JobsUnavailable';
}

/** The durable road from gateways to workers. */
export interface Jobs {
  /**
   * Accepts told letters as one job. Resolved = durable: they will be handled at least once, whatever dies.
   * Redis: written to the queue. Memory: handled and committed. Rejects with JobsUnavailable within its time limit.
   */
  tell(letters: readonly Letter[]): Promise<void>;
  /**
   * Accepts letters of the message log as one job on a road of its own, so that a burst of them never holds up what was
   * told. Kept and handled as what is told; rejects with JobsUnavailable also when too many wait already.
   */
  log(letters: readonly Letter[]): Promise<void>;
  /** Puts an ask on the road. Resolved = a worker will see it. Rejects with JobsUnavailable within its time limit. */
  ask(letter: Letter, replyTo: ReplyTo): Promise<void>;
  /**
   * Starts handling; letters of the message log as told ones, one job at a time. The function returned stops it: nothing
   * new is taken, what runs is finished or handed back.
   */
  work(
    work: Work,
    options: { readonly tellConcurrency: number; readonly askConcurrency: number },
  ): Promise<() => Promise<void>>;
  depth(): Promise<{ readonly tell: Depth; readonly ask: Depth; readonly log: Depth }>;
  close(): Promise<void>;
}

/** Messages between processes. At most once, in order per channel and publisher, no memory. */
export interface Bus {
  /** Resolves to the number of listeners that were sent it. Rejects when the bus is away. */
  publish(channel: string, text: string): Promise<number>;
  /**
   * Resolves once listening; the function returned ends it. Heals by itself after an outage. One listener may serve many
   * channels, and one channel twice.
   */
  subscribe(channel: string, listener: Listener): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** Hears what is published on a channel. */
export type Listener = (text: string, channel: string) => void;

/** Who holds a charge point. */
export type Owner = { readonly gatewayId: string; readonly connectionId: string; readonly epoch: number };

/** What a gateway says of itself with every renewal of its lease. */
export type GatewayState = {
  readonly gatewayId: string;
  readonly version: string;
  readonly startedAtMs: number;
  readonly renewedAtMs: number;
  readonly state: 'serving' | 'draining';
  readonly connections: number;
  /** Frames of chargers per second since the renewal before. */
  readonly messagesPerSecond: number;
  /** Where its API listens, for operators. */
  readonly apiUrl: string;
};

/** A charge point that lost its owner. */
export type Orphaned = { readonly chargePointId: string; readonly owner: Owner };

/** Takeovers of one charge point by whichever gateway, within one window. */
export type Takeovers = { readonly count: number; readonly sinceMs: number };

/** What a claim came to. */
export type Claim = { readonly epoch: number; readonly previous: Owner | null; readonly takeovers: Takeovers | null };

/** How long takeovers are added up when a claim does not say. */
export const TAKEOVER_WINDOW_MS = 60_000;

/** Who owns which charge point. Every call rejects when the registry is away; sockets stay up meanwhile. */
export interface Registry {
  /**
   * One atomic step: this connection owns the charge point from now on. The epoch is the greater of the previous one plus 1
   * and now in ms. Resolves to it, to the owner before, whether or not that one's lease still lives, and to how often the
   * charge point was taken from another connection within a window of `windowMs` that begins with the first time; null
   * when it was not taken from anybody now. Released and reaped, it is counted from the start.
   */
  claim(chargePointId: string, gatewayId: string, connectionId: string, windowMs?: number): Promise<Claim>;
  /**
   * Claims anew what this gateway holds, after the registry lost its memory: an entry of a greater epoch is left alone.
   * Resolves to the charge points somebody newer owns.
   */
  reclaim(owned: readonly { readonly chargePointId: string; readonly owner: Owner }[]): Promise<readonly string[]>;
  /** Deletes the entry only if this connection is still the owner. Resolves to whether it was. */
  release(chargePointId: string, connectionId: string): Promise<boolean>;
  /** The owner, null when there is none or its gateway's lease has ended. */
  owner(chargePointId: string): Promise<Owner | null>;
  /** Renews the lease for `ttlMs`. Resolves to false when it had ended since the last renewal: then claim everything anew. */
  renew(state: GatewayState, ttlMs: number): Promise<boolean>;
  /** Ends the lease at once: what this gateway still owns is free to be reaped. */
  resign(gatewayId: string): Promise<void>;
  /** Every gateway with a live lease. */
  gateways(): Promise<readonly GatewayState[]>;
  /** Releases what gateways without a lease owned; safe to run by several at a time. Resolves to what was released. */
  reap(): Promise<readonly Orphaned[]>;
  close(): Promise<void>;
}

/** The first outcome of a request under a key of its sender. */
export interface Outcomes {
  /** `begun`: the caller is the first and must `settle` it; `under-way`: somebody else is; else the first outcome. */
  begin(
    key: string,
    fingerprint: string,
    ttlMs: number,
  ): Promise<
    | { readonly state: 'begun' | 'under-way' | 'other-request' }
    | { readonly state: 'settled'; readonly outcome: string }
  >;
  settle(key: string, outcome: string, ttlMs: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * 0 = let in without a credential, 1 = its credential is needed, 2 = over TLS besides, 3 = TLS and a client certificate of
 * its own instead. [Security Whitepaper, 2.2-2.4]
 */
export type SecurityProfile = 0 | 1 | 2 | 3;

/** What a gateway needs to know of a charge point to let it in. */
export type KnownChargePoint = {
  readonly chargePointId: string;
  readonly registrationStatus: RegistrationStatus;
  /** Stored form of the credential (see credential.ts); null = none asked for. */
  readonly credential: string | null;
  /** null = by credential and ALLOW_PROFILE_0. */
  readonly securityProfile: SecurityProfile | null;
  /** Deviations of known firmware are accepted and counted instead of refused. */
  readonly tolerant: boolean;
  readonly vendor: string | null;
  readonly model: string | null;
};

/** Facts every handled message carries into the store. */
export type Provenance = {
  readonly chargePointId: string;
  readonly connectionId: string;
  readonly receivedAt: Date;
  readonly traceId: string;
};

export type Boot = Provenance & {
  readonly vendor: string;
  readonly model: string;
  readonly serialNumber: string | null;
  readonly boxSerialNumber: string | null;
  readonly firmwareVersion: string | null;
  readonly iccid: string | null;
  readonly imsi: string | null;
  readonly meterType: string | null;
  readonly meterSerialNumber: string | null;
};

/** What became of a boot. */
export type BootOutcome = {
  readonly registrationStatus: RegistrationStatus;
  /** Transactions of an earlier life that this boot made suspect. */
  readonly suspected: readonly OpenTransaction[];
};

/** A transaction that had not been stopped. */
export type OpenTransaction = { readonly transactionId: number; readonly connectorId: number };

export type ConnectorStatus = Provenance & {
  readonly connectorId: number;
  readonly status: ChargePointStatus;
  readonly errorCode: ChargePointErrorCode;
  readonly info: string | null;
  readonly vendorId: string | null;
  readonly vendorErrorCode: string | null;
  /** By the charger's clock; null when it sent none. */
  readonly statusAt: Date | null;
};

export type TransactionStart = Provenance & {
  readonly connectorId: number;
  readonly idTag: string;
  readonly meterStartWh: number;
  readonly startedAt: Date;
  readonly reservationId: number | null;
};

export type TransactionStop = Provenance & {
  /** As sent. Beyond int32 it is a bigint: certainly unknown, kept to the last digit. */
  readonly transactionId: number | bigint;
  readonly idTag: string | null;
  readonly meterStopWh: number;
  readonly stoppedAt: Date;
  readonly reason: string;
  /** transactionData, normalised. */
  readonly samples: readonly Sample[];
  /** The frame as sent, for the orphan inbox. */
  readonly text: string;
};

/** All samples of one MeterValues.req. */
export type MeterReading = Provenance & {
  readonly connectorId: number;
  /** As sent; undefined when absent. */
  readonly transactionId: number | bigint | undefined;
  readonly samples: readonly Sample[];
  readonly text: string;
};

/** A notification that is kept as it came: diagnostics, firmware, log, security events, data transfers. */
export type ChargePointEvent = Provenance & {
  readonly kind: string;
  /** Distinguishes two events of one kind at one time; '' when there is nothing. */
  readonly requestId: string;
  readonly at: Date;
  readonly payload: unknown;
};

/** A charge point came or went. Guarded by epoch: an older one changes nothing; of one epoch, going wins. */
export type PresenceChange = {
  readonly chargePointId: string;
  readonly epoch: number;
  readonly online: boolean;
  readonly atMs: number;
  readonly gatewayId: string;
  readonly connectionId: string;
  /** The charger's own address. */
  readonly address: string | null;
  /** Only when it went: in words, and one of a few categories for counting. */
  readonly reason: string | null;
  readonly category: DisconnectCategory | null;
};

/** A charge point that two devices take from each other. */
export type FlappingReport = {
  readonly chargePointId: string;
  /** Within the window. */
  readonly takeovers: number;
  readonly addresses: readonly string[];
  readonly firstAtMs: number;
  readonly lastAtMs: number;
};

/** Attempts of an identity nobody registered, as one gateway refused them since it told of them last. */
export type RefusedIdentity = {
  /** At most 48 characters, none of control. */
  readonly chargePointId: string;
  readonly attempts: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  /** Of the last attempt. */
  readonly address: string;
  readonly subprotocols: readonly string[];
};

export type DisconnectCategory =
  | 'charge-point-closed'
  | 'connection-lost'
  | 'no-pong'
  | 'no-answers'
  | 'flood'
  | 'too-slow'
  | 'replaced'
  | 'gateway-stopping'
  | 'rebalanced'
  | 'gateway-died'
  | 'administration';

/** Where a command stands. `late`: the answer came after the deadline. `aborted`: it was not sent, or the charger went. */
export type CommandStatus = 'queued' | 'sent' | 'answered' | 'rejected' | 'timed-out' | 'late' | 'aborted';

/** A command as far as its teller knows it; a later status adds to it and an earlier one changes nothing. */
export type CommandRecord = {
  readonly commandId: string;
  readonly chargePointId: string;
  readonly action: string;
  /** As sent to the charger. */
  readonly payload: unknown;
  readonly status: CommandStatus;
  /** Who asked: the name of the API key, or of the part of Voltgate. */
  readonly requestedBy: string;
  readonly createdAtMs: number;
  /** When it came to this status. */
  readonly atMs: number;
  /** Payload of the CALLRESULT. */
  readonly response: unknown;
  /** Code and description of the CALLERROR, or why it was aborted. */
  readonly error: { readonly code: string; readonly description: string } | null;
  readonly gatewayId: string;
  readonly traceId: string;
  /** When the Heartbeat came that it asked for: no worker hears of it otherwise. The rest is said a second time. */
  readonly heartbeatAtMs?: number;
};

/** One frame of the message log, or a close. */
export type FrameRecord = {
  readonly chargePointId: string;
  readonly connectionId: string;
  readonly gatewayId: string;
  readonly atMs: number;
  readonly direction: 'in' | 'out';
  readonly kind: 'call' | 'result' | 'error' | 'close' | 'unreadable';
  readonly messageId: string;
  /** Of the Call, also on its answer. */
  readonly action: string;
  /** Redacted text of the frame. */
  readonly text: string;
  /** On an answer: ms since its Call. */
  readonly latencyMs: number | null;
  readonly errorCode: string | null;
  readonly traceId: string;
};

/**
 * Everything handlers say to the database. Each method is one transaction and idempotent under the natural key named in
 * its comment: called twice with the same content it has one effect and the same result. Rejections are classified by
 * the worker (`isTransient` of the store): transient ones are tried again, others are dead letters.
 */
export interface Store {
  /** The charge point, or null when unknown and `adopt` is false. With `adopt` an unknown one is created, Accepted. */
  identify(chargePointId: string, adopt: boolean): Promise<KnownChargePoint | null>;
  /**
   * Keeps what the charger says of itself, marks what it left open as suspect (started before this boot), returns these
   * and its registration status. Key: charge point. An older boot than the one kept changes nothing.
   */
  boot(boot: Boot): Promise<BootOutcome>;
  /** Newest wins. */
  seen(entries: readonly { readonly chargePointId: string; readonly seenAtMs: number }[]): Promise<void>;
  /** Appends to the history and moves the connector's current status when newer by charger time. */
  connectorStatuses(statuses: readonly ConnectorStatus[]): Promise<void>;
  /** Decision for Authorize: a pure read. */
  authorize(idTag: string, at: Date): Promise<IdTagInfo>;
  /**
   * Insert-or-return under (charge point, connector, idTag, startedAt, meterStartWh). Always gives an id. The idTagInfo is
   * the one first answered. ConcurrentTx holds over the whole fleet.
   */
  startTransaction(start: TransactionStart): Promise<{ readonly transactionId: number; readonly idTagInfo: IdTagInfo }>;
  /**
   * Closes (charge point, transactionId), corrects an automatic close, or keeps an unknown one in the orphan inbox.
   * idTagInfo only when an idTag was given.
   */
  stopTransaction(stop: TransactionStop): Promise<{ readonly idTagInfo?: IdTagInfo }>;
  /** Appends samples under their natural key; moves live energy when newer; keeps unknown transaction ids as orphans. */
  meterReadings(readings: readonly MeterReading[]): Promise<void>;
  /** Appends under (charge point, kind, requestId, at). */
  events(events: readonly ChargePointEvent[]): Promise<void>;
  /** Keeps a CSR under (charge point, digest of the CSR). */
  certificateRequest(request: Provenance & { readonly csr: string }): Promise<void>;
  /** Moves presence, guarded by epoch. */
  presence(changes: readonly PresenceChange[]): Promise<void>;
  /** Keeps the newest report per charge point, the first time and every address. */
  flapping(reports: readonly FlappingReport[]): Promise<void>;
  /** Keeps the newest of those who are unknown still; a report older than what is kept of its identity adds nothing. */
  unknownChargePoints(refused: readonly RefusedIdentity[]): Promise<void>;
  /**
   * Keeps commands and what their answers teach (configuration, availability, local list, profiles, reservations, requests),
   * once, when the answer first comes.
   */
  commandRecords(records: readonly CommandRecord[]): Promise<void>;
  /** Appends to the message log. */
  frames(frames: readonly FrameRecord[]): Promise<void>;
  /** Keeps a letter that no retry can help. */
  deadLetter(letter: Letter, reason: string): Promise<void>;
  /** One round trip. */
  ping(): Promise<void>;
  /** True when trying again may help: connection lost, deadlock, shutdown, out of resources. */
  isTransient(error: unknown): boolean;
  close(): Promise<void>;
}

export type { MeterValue };
