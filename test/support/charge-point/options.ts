import type { ConnectionOptions } from 'node:tls';
import { isQuirk, type Quirk } from './quirks.ts';

/** How a charger is made. Only `url` and `id` are needed. */
export type ChargePointOptions = {
  /** Without the id: `ws://host:port/ocpp`. A function is asked before every connection, as a balancer would choose. */
  readonly url: string | (() => string);
  readonly id: string;
  /** Basic auth; bytes are sent as they are, text as UTF-8. */
  readonly password?: string | Buffer | undefined;
  /** Default: the id, as the specification says. */
  readonly userName?: string | undefined;
  /** Default: `ocpp1.6` alone. */
  readonly subprotocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Certificates for wss and mutual TLS. */
  readonly tls?: ConnectionOptions;
  readonly connectors?: number;
  readonly vendor?: string;
  readonly model?: string;
  readonly serialNumber?: string;
  readonly firmwareVersion?: string;
  /** Charger seconds per real second: energy, timestamps, sessions and sampling run this much faster. Default 1. */
  readonly speed?: number | undefined;
  /** Charger time at creation; then the central system's currentTime is not taken over. */
  readonly startAt?: Date | undefined;
  /** The charger's clock, ms since 1970, instead of one that runs by itself. */
  readonly clock?: () => number;
  /** 0 to 1, for jitter. */
  readonly random?: () => number;
  /** Real ms of one second in the protocol's own intervals (boot, heartbeat, retry). Default 1000; tests shorten it. */
  readonly secondMs?: number;
  readonly callTimeoutMs?: number;
  /** Calls unanswered in a row after which the socket is given up and opened again. Default 2. */
  readonly timeoutsBeforeReconnect?: number;
  readonly backoff?: { readonly minMs: number; readonly maxMs: number };
  /** [OCPP-J 1.6, 5.3] says no; many do. Default false. */
  readonly bootOnReconnect?: boolean;
  /** Power of a charging car. Default 11,000. */
  readonly powerW?: number;
  /** Register of every connector at creation. Default 1000. */
  readonly registerWh?: number;
  /** Start values of configuration keys. */
  readonly configuration?: Readonly<Record<string, string>>;
  /** TransactionMessageAttempts; Infinity is allowed. Default 3. */
  readonly transactionMessageAttempts?: number;
  /** How many frames are remembered: true = 10,000 (default), false = none. */
  readonly keepFrames?: boolean | number;
  /** Whether every acknowledged sample is remembered or only counted. Default true. */
  readonly keepSamples?: boolean;
  readonly quirks?: readonly Quirk[];
  /** Real ms between two steps of a diagnostics upload or a firmware update. Default 100. */
  readonly transferStepMs?: number;
  /** Called with every answered, refused or unanswered Call of the charger. */
  readonly onAnswer?: (action: string, durationMs: number, outcome: 'result' | 'error' | 'timeout') => void;
};

/** Options with every default filled in. */
export type Settings = ReturnType<typeof settle>;

const KEPT_FRAMES = 10_000;

/** Fills in the defaults. Throws RangeError on what cannot work. */
export function settle(options: ChargePointOptions) {
  const speed = options.speed ?? 1;
  if (!(speed > 0)) throw new RangeError('speed must be above 0');
  const connectors = options.connectors ?? 2;
  if (!Number.isInteger(connectors) || connectors < 1) throw new RangeError('connectors must be 1 or more');
  for (const quirk of options.quirks ?? []) if (!isQuirk(quirk)) throw new RangeError(`unknown quirk: ${quirk}`);
  const keep = options.keepFrames ?? true;
  return {
    ...options,
    speed,
    connectors,
    userName: options.userName ?? options.id,
    subprotocols: options.subprotocols ?? ['ocpp1.6'],
    vendor: options.vendor ?? 'Voltgate',
    model: options.model ?? 'Bench Charger',
    serialNumber: options.serialNumber ?? options.id.slice(0, 25),
    firmwareVersion: options.firmwareVersion ?? '1.0.0',
    random: options.random ?? Math.random,
    secondMs: options.secondMs ?? 1_000,
    callTimeoutMs: options.callTimeoutMs ?? 30_000,
    timeoutsBeforeReconnect: options.timeoutsBeforeReconnect ?? 2,
    backoff: options.backoff ?? { minMs: 500, maxMs: 30_000 },
    bootOnReconnect: options.bootOnReconnect ?? false,
    powerW: options.powerW ?? 11_000,
    registerWh: options.registerWh ?? 1_000,
    transactionMessageAttempts: options.transactionMessageAttempts ?? 3,
    keptFrames: keep === true ? KEPT_FRAMES : keep === false ? 0 : keep,
    keepSamples: options.keepSamples ?? true,
    quirks: new Set<Quirk>(options.quirks ?? []) as ReadonlySet<Quirk>,
    transferStepMs: options.transferStepMs ?? 100,
  };
}
