import type { Quirk } from './quirks.ts';

/** The charger's own clock. */
export type Clock = {
  /** Charger time, ms since 1970. */
  nowMs(): number;
  /** Charger time for an event, in ms: never the same twice, so that no two readings share a timestamp. */
  stampMs(): number;
  /** Takes over the central system's time, where this clock can be set. */
  set(currentTime: unknown): void;
  /** Writes a time as the charger does on the wire. */
  text(ms: number): string;
  /** Real ms that `seconds` of charger time take. */
  realMs(seconds: number): number;
};

export type ClockOptions = {
  readonly speed: number;
  readonly startAt?: Date | undefined;
  readonly clock?: (() => number) | undefined;
  readonly quirks: ReadonlySet<Quirk>;
};

/** A step back of the clock larger than this is shown on the wire; smaller ones are smoothed over. */
const VISIBLE_STEP_BACK_MS = 1_000;

/**
 * Creates a clock that runs `speed` times as fast as the real one. It starts at the real time (or `startAt`) and is set
 * by the central system; a fast clock only once, since every further setting would turn it back. A given `clock`
 * function or `startAt` is never changed.
 */
export function createClock({ speed, startAt, clock, quirks }: ClockOptions): Clock {
  let baseRealMs = Date.now();
  let baseMs = startAt?.getTime() ?? baseRealMs;
  let lastMs = 0;
  let settable = clock === undefined && startAt === undefined;

  function nowMs(): number {
    return clock ? clock() : Math.round(baseMs + (Date.now() - baseRealMs) * speed);
  }

  function stampMs(): number {
    if (clock) return clock();
    lastMs = Math.max(nowMs(), lastMs + 1);
    return lastMs;
  }

  function set(currentTime: unknown): void {
    const ms = typeof currentTime === 'string' ? Date.parse(currentTime) : Number.NaN;
    if (!settable || Number.isNaN(ms)) return;
    baseRealMs = Date.now();
    baseMs = ms;
    if (lastMs - ms > VISIBLE_STEP_BACK_MS) lastMs = ms;
    if (speed !== 1) settable = false;
  }

  function text(ms: number): string {
    const iso = new Date(quirks.has('clock-1970') ? 0 : ms).toISOString();
    return quirks.has('zoneless-timestamps') ? iso.slice(0, -1) : iso;
  }

  return { nowMs, stampMs, set, text, realMs: (seconds) => (seconds * 1_000) / speed };
}
