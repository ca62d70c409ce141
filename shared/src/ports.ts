/**
 * The seams of Voltgate. Each has a Redis or Postgres adapter and, for the standalone mode, one in memory; one
 * contract suite holds all of them to the guarantees written here.
 *
 * Glossary
 * - charge point: one OCPP 1.6 station, known by the identity in its URL.
 * - letter: one thing a charger (or a gateway about its chargers) says, on its way to a worker.
 * - tell: a letter accepted durably, handled at least once, in any order.
 * - ask: a letter whose answer depends on a commit; the answer comes back to the asker's inbox.
 * - trace id: 32 hex digits that follow one frame through jobs, log lines and rows.
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
  /** Puts an ask on the road. Resolved = a worker will see it. Rejects with JobsUnavailable within its time limit. */
  ask(letter: Letter, replyTo: ReplyTo): Promise<void>;
  /** Starts handling. The function returned stops it: nothing new is taken, what runs is finished or handed back. */
  work(
    work: Work,
    options: { readonly tellConcurrency: number; readonly askConcurrency: number },
  ): Promise<() => Promise<void>>;
  depth(): Promise<{ readonly tell: Depth; readonly ask: Depth }>;
  close(): Promise<void>;
}

/** Messages between processes. At most once, in order per channel and publisher, no memory. */
export interface Bus {
  /** Resolves to the number of listeners that were sent it. Rejects when the bus is away. */
  publish(channel: string, text: string): Promise<number>;
  /** Resolves once listening; the function returned ends it. Heals by itself after an outage. */
  subscribe(channel: string, listener: (text: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** What a gateway needs to know of a charge point to let it in. */
export type KnownChargePoint = {
  readonly chargePointId: string;
  readonly registrationStatus: RegistrationStatus;
  /** Stored form of the credential (see credential.ts); null = none asked for. */
  readonly credential: string | null;
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

/**
 * Everything handlers say to the database. Each method is one transaction and idempotent under the natural key named in
 * its comment: called twice with the same content it has one effect and the same result. Rejections are classified by
 * the worker (`isTransient` of the store): transient ones are tried again, others are dead letters.
 */
export interface Store {
  /** The charge point, or null when unknown and `adopt` is false. With `adopt` an unknown one is created, Accepted. */
  identify(chargePointId: string, adopt: boolean): Promise<KnownChargePoint | null>;
  /**
   * Keeps what the charger says of itself, marks what it left open as suspect (started before this boot), returns its
   * registration status. Key: charge point. An older boot than the one kept changes nothing.
   */
  boot(boot: Boot): Promise<RegistrationStatus>;
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
  /** Keeps a letter that no retry can help. */
  deadLetter(letter: Letter, reason: string): Promise<void>;
  /** One round trip. */
  ping(): Promise<void>;
  /** True when trying again may help: connection lost, deadlock, shutdown, out of resources. */
  isTransient(error: unknown): boolean;
  close(): Promise<void>;
}

export type { MeterValue };
