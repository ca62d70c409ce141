import { Socket } from 'node:net';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { isTracing } from '../tracing.ts';
import { traceStatements } from './trace-statements.ts';

/** The custom types of our connections; int8 and numeric come as numbers: no count or sum here nears 2^53. */
type Types = { number: number };
/** A pool of connections. */
export type Pool = postgres.Sql<Types>;
/** A pool or one transaction on it. Whoever is given one uses it and never asks the pool for a second connection. */
export type Sql = postgres.ISql<Types>;
/** The drizzle side of the same pool. */
export type Db = PostgresJsDatabase<Record<string, unknown>>;

export type ClientOptions = {
  /** postgres://user:password@host:port/database?sslmode=...; sslmode disable (default), require or verify-full. */
  readonly url: string;
  /** Connections at most. */
  readonly poolSize: number;
  /** As the server shows it in pg_stat_activity. */
  readonly applicationName?: string | undefined;
  /** What the server remarks; dropped by default. */
  readonly onNotice?: ((notice: { readonly [field: string]: string }) => void) | undefined;
  /** Longest time a connection may take to open; default 5 s. */
  readonly connectTimeoutMs?: number | undefined;
  /** Longest time one statement may run, locks included; default 10 s. */
  readonly statementTimeoutMs?: number | undefined;
};

/** How much longer than a statement may run a server may be silent before its connection is given up. */
const SILENCE_MARGIN_MS = 2_000;

/** The part of a statement's time after which a connection counts as idle. */
const IDLE_SHARE = 0.75;

/** Opens a pool; connections are made when first needed. A server that is away, frozen or cut off gives errors in time. */
export function openClient(options: ClientOptions): { readonly sql: Pool; readonly db: Db } {
  const statementTimeoutMs = options.statementTimeoutMs ?? 10_000;
  const settings: postgres.Options<{ number: postgres.PostgresType<number> }> & { socket: SocketFactory } = {
    max: options.poolSize,
    connect_timeout: (options.connectTimeoutMs ?? 5_000) / 1000,
    // Seconds. The driver ends an idle connection before its silence is taken for a fault: only it knows which are idle.
    idle_timeout: (statementTimeoutMs / 1000) * IDLE_SHARE,
    // Seconds. The driver's own grows to 20 s, far longer than a charger waits for the database to be back.
    backoff: (attempt) => Math.min(0.05 * 2 ** attempt, 1),
    onnotice: options.onNotice ?? (() => undefined),
    connection: {
      application_name: options.applicationName ?? 'voltgate',
      TimeZone: 'UTC',
      statement_timeout: statementTimeoutMs,
      // A process that stops in the middle of a transaction must not keep its locks.
      idle_in_transaction_session_timeout: statementTimeoutMs,
    },
    transform: { column: { from: postgres.toCamel, to: postgres.fromCamel } },
    types: {
      number: { to: 701, from: [20, 700, 701, 1700], serialize: String, parse: Number },
      ...timestamps,
      ...jsonText,
    },
    socket: patientSocket(statementTimeoutMs + SILENCE_MARGIN_MS),
  };
  const sql = postgres(options.url, settings);
  if (isTracing()) traceStatements(sql);
  return { sql, db: drizzleOn(sql) };
}

// `new Date('0001-01-01 00:00:00+00')` is 2001, and clocks that were never set do send the year 1.
const timestamps = {
  date: {
    to: 1184,
    from: [1184],
    serialize: (at: Date | string) => (typeof at === 'string' ? at : at.toISOString()),
    parse: (text: string) => new Date(`${text.replace(' ', 'T').replace(/\+00$/, '')}Z`),
  },
};

// Text is JSON already: drizzle and our own statements both write it themselves.
const jsonText = {
  json: {
    to: 3802,
    from: [114, 3802],
    serialize: (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)),
    parse: (text: string): unknown => JSON.parse(text),
  },
};

type SocketFactory = (target: {
  readonly host: readonly string[];
  readonly port: readonly number[];
  /** Of a Unix socket, if it is one. */
  readonly path?: string | false;
}) => Socket;

/**
 * A frozen or unreachable server never closes its sockets, and the kernel takes a quarter of an hour to notice. Any
 * statement is over long before the silence is, so ending a silent socket ends at most an idle one besides. By the count of
 * bytes, since the driver removes all listeners of a socket when it turns it into one of TLS.
 */
function patientSocket(silenceMs: number): SocketFactory {
  let attempt = 0;
  return (target) => {
    const { host, port, path } = target;
    const turn = attempt++ % host.length;
    const socket = new Socket();
    if (path) socket.connect(path);
    else socket.connect(port[turn] ?? 5432, host[turn] ?? 'localhost');
    endWhenSilent(socket, silenceMs);
    return Object.assign(socket, { host: host[turn], port: port[turn] });
  };
}

const LOOKS_PER_SILENCE = 4;

function endWhenSilent(socket: Socket, silenceMs: number): void {
  let heard = 0;
  let silentLooks = 0;
  const look = setInterval(() => {
    silentLooks = socket.bytesRead === heard ? silentLooks + 1 : 0;
    heard = socket.bytesRead;
    if (silentLooks >= LOOKS_PER_SILENCE) socket.destroy();
    if (socket.destroyed) clearInterval(look);
  }, silenceMs / LOOKS_PER_SILENCE);
  look.unref();
}

/** Drizzle replaces the parsers of the pool it is given with none: they are put back, it reads parsed values as well. */
function drizzleOn(sql: Pool): Db {
  const { parsers, serializers } = sql.options;
  const ours = { parsers: { ...parsers }, serializers: { ...serializers } };
  const db = drizzle(sql as postgres.Sql);
  Object.assign(parsers, ours.parsers);
  Object.assign(serializers, ours.serializers);
  return db;
}
