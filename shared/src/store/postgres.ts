import type { Store } from '../ports.ts';
import { findApiKey, type Role } from './administration.ts';
import { boot, identify, seen } from './charge-points.ts';
import { type ClientOptions, type Db, openClient, type Pool } from './client.ts';
import { keepCommandRecords } from './commands.ts';
import { connectorStatuses } from './connectors.ts';
import { keepDeadLetter } from './dead-letters.ts';
import { keepCertificateRequest, keepEvents } from './events.ts';
import { keepFrames } from './frames.ts';
import { authorize } from './id-tags.ts';
import { meterReadings } from './meter-readings.ts';
import { dropPartitionsBefore, ensurePartitions } from './partitions.ts';
import { movePresence } from './presence.ts';
import { startTransaction } from './start-transaction.ts';
import { stopTransaction } from './stop-transaction.ts';
import { closeSuspects } from './suspects.ts';
import { isTransient } from './transient.ts';
import { createVocabulary, type Vocabulary } from './vocabulary.ts';

/** The store and what reads, schedules and administration need of it. */
export type PostgresStore = Store & {
  /** The pool, for reads and schedules of their own. Columns come in camel case, times as Date, int8 as number. */
  readonly sql: Pool;
  /** Drizzle over the same pool. */
  readonly db: Db;
  /** Words of samples to codes and back. */
  readonly words: Vocabulary;
  /** Closes by policy what has been suspect since before a time; how many. */
  closeSuspects(due: { readonly before: Date; readonly now: Date }): Promise<number>;
  /** Makes the partitions of the days around now. Cheap when they are there. */
  ensurePartitions(): Promise<void>;
  /** Drops the partitions of the days before; resolves to their names. */
  dropPartitionsBefore(day: Date): Promise<readonly string[]>;
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
    certificateRequest: (request) => keepCertificateRequest(db, request),
    presence: (changes) => movePresence(sql, changes),
    commandRecords: (records) => keepCommandRecords(sql, records),
    frames: (given) => keepFrames(sql, given),
    deadLetter: (letter, reason) => keepDeadLetter(sql, letter, reason),
    closeSuspects: (due) => closeSuspects(sql, words, due),
    ensurePartitions: async () => void (await ensurePartitions(sql)),
    dropPartitionsBefore: (day) => dropPartitionsBefore(sql, day),
    findApiKey: (key) => findApiKey(db, key),
    async ping() {
      await sql`select 1`;
    },
    isTransient,
    close: () => sql.end({ timeout: CLOSE_SECONDS }),
  };
}
