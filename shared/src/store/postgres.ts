import type { Orphaned, Store } from '../ports.ts';
import { findApiKey, type Role } from './administration.ts';
import { boot, identify, seen } from './charge-points.ts';
import { type ClientOptions, type Db, openClient, type Pool } from './client.ts';
import { keepCommandRecords } from './commands.ts';
import { connectorStatuses } from './connectors.ts';
import { keepDeadLetter } from './dead-letters.ts';
import { keepCertificateRequest, keepEvents } from './events.ts';
import { keepFlapping } from './flapping.ts';
import { dropFramePartitionsBefore, ensureFramePartitions, frameDaysAhead } from './frame-partitions.ts';
import { keepFrames } from './frames.ts';
import { authorize } from './id-tags.ts';
import { meterReadings } from './meter-readings.ts';
import { missFollowed } from './miss-followed.ts';
import { dropPartitionsBefore, ensurePartitions, meterValueDaysAhead } from './partitions.ts';
import { gatewaysOnline, movePresence, newestEpoch, onlineAt } from './presence.ts';
import { type LiveReads, liveReads } from './read-live.ts';
import { type Reapplication, takeReapplications } from './reapply-availability.ts';
import { startTransaction } from './start-transaction.ts';
import { stopTransaction } from './stop-transaction.ts';
import { type ClosedByPolicy, closeSuspects } from './suspects.ts';
import { isTransient } from './transient.ts';
import { keepUnknownChargePoints } from './unknown-charge-points.ts';
import { createVocabulary, type Vocabulary } from './vocabulary.ts';

/** The store and what reads, schedules and administration need of it. */
export type PostgresStore = Store &
  LiveReads & {
    /** The pool, for reads and schedules of their own. Columns come in camel case, times as Date, int8 as number. */
    readonly sql: Pool;
    /** Drizzle over the same pool. */
    readonly db: Db;
    /** Words of samples to codes and back. */
    readonly words: Vocabulary;
    /** Closes by policy what has been suspect since before a time; resolves to what it closed. */
    closeSuspects(due: { readonly before: Date; readonly now: Date }): Promise<readonly ClosedByPolicy[]>;
    /** Takes what charge points booted before a time must be told again. */
    takeReapplications(bootedBefore: Date): Promise<readonly Reapplication[]>;
    /** Gives up following commands past their deadline; how many. */
    missFollowed(now: Date): Promise<number>;
    /** Makes the partitions of the days around now. Cheap when they are there. */
    ensurePartitions(): Promise<void>;
    /** Days from tomorrow on that have a partition, by table. */
    partitionDaysAhead(): Promise<Readonly<Record<'meter_value' | 'frame', number>>>;
    /** Drops the partitions of the days before; resolves to their names. */
    dropPartitionsBefore(day: Date): Promise<readonly string[]>;
    /** The same for the message log. */
    dropFramesBefore(day: Date): Promise<readonly string[]>;
    /** The greatest epoch of any charge point; 0 when there is none. */
    newestEpoch(): Promise<number>;
    /** Gateways that charge points are online at, as the rows have it. */
    gatewaysOnline(): Promise<readonly string[]>;
    /** The charge points online at these gateways, as the rows have it. */
    onlineAt(gatewayIds: readonly string[]): Promise<readonly Orphaned[]>;
    /** Whose API key it is, or null. */
    findApiKey(key: string): Promise<{ name: string; role: Role } | null>;
  };

/** Seconds that running statements get to end when the store is closed. */
const CLOSE_SECONDS = 5;

/** The store in Postgres. Connects when first used; `close` waits at most 5 s for what is running. */
export function createStore(options: ClientOptions): PostgresStore {
  const { sql, db } = openClient(options);
  const words = createVocabulary(sql);
  return {
    sql,
    db,
    words,
    identify: (chargePointId, adopt) => identify(sql, chargePointId, adopt),
    boot: (message) => boot(sql, message),
    seen: (entries) => seen(sql, entries),
    connectorStatuses: (statuses) => connectorStatuses(sql, statuses),
    authorize: (idTag, at) => authorize(sql, idTag, at),
    startTransaction: (start) => startTransaction(sql, words, start),
    stopTransaction: (stop) => stopTransaction(sql, words, stop),
    meterReadings: (readings) => meterReadings(sql, words, readings),
    events: (events) => keepEvents(sql, events),
    certificateRequest: (request) => keepCertificateRequest(sql, request),
    presence: (changes) => movePresence(sql, changes),
    flapping: (reports) => keepFlapping(sql, reports),
    unknownChargePoints: (refused) => keepUnknownChargePoints(sql, refused),
    commandRecords: (records) => keepCommandRecords(sql, records),
    frames: (given) => keepFrames(sql, given),
    deadLetter: (letter, reason) => keepDeadLetter(sql, letter, reason),
    closeSuspects: (due) => closeSuspects(sql, words, due),
    takeReapplications: (bootedBefore) => takeReapplications(sql, bootedBefore),
    missFollowed: (now) => missFollowed(sql, now),
    async ensurePartitions() {
      await ensurePartitions(sql);
      await ensureFramePartitions(sql);
    },
    partitionDaysAhead: async () => ({ meter_value: await meterValueDaysAhead(sql), frame: await frameDaysAhead(sql) }),
    dropPartitionsBefore: (day) => dropPartitionsBefore(sql, day),
    dropFramesBefore: (day) => dropFramePartitionsBefore(sql, day),
    newestEpoch: () => newestEpoch(sql),
    gatewaysOnline: () => gatewaysOnline(sql),
    onlineAt: (gatewayIds) => onlineAt(sql, gatewayIds),
    findApiKey: (key) => findApiKey(db, key),
    ...liveReads(sql),
    async ping() {
      await sql`select 1`;
    },
    isTransient,
    close: () => sql.end({ timeout: CLOSE_SECONDS }),
  };
}
