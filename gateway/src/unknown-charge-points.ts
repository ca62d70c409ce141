import { unknownChargePoints } from '@voltgate/shared/letters/unknown-charge-points.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import type { Jobs, RefusedIdentity } from '@voltgate/shared/ports.ts';
import { newTraceId } from '@voltgate/shared/trace.ts';

/** Identities nobody registered, on their way to the operators' list. */
export type UnknownChargePoints = {
  /** One was refused; `subprotocols` = the header as it was sent. Never waits, never throws. */
  refused(chargePointId: string, address: string, subprotocols: string, nowMs?: number): void;
  /** Tells what is due; the timer does so every second. */
  tellDue(nowMs?: number): Promise<void>;
  /** Tells what is left and ends. */
  close(): Promise<void>;
};

export type UnknownChargePointsOptions = {
  readonly jobs: Pick<Jobs, 'tell'>;
  readonly gatewayId: string;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'unknownChargePointsDropped'>;
};

type Entry = Omit<RefusedIdentity, 'chargePointId'> & { readonly toldAtMs: number };

const TELL_MS = 1_000;
/** A charger that hammers costs one row so often. */
const AGAIN_MS = 60_000;
/** Of those who invent identities. */
const MOST_IDENTITIES = 5_000;
const MOST_AT_ONCE = 100;
const MOST_SUBPROTOCOLS = 8;

/** Gathers refusals: an identity is told when first seen, then once a minute; what is too much is counted only. */
export function createUnknownChargePoints(options: UnknownChargePointsOptions): UnknownChargePoints {
  const { jobs, gatewayId, log, metrics } = options;
  const entries = new Map<string, Entry>();
  let telling: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    if (entries.size > 0) telling = telling.then(() => tellDue());
  }, TELL_MS);

  function refused(chargePointId: string, address: string, offered: string, nowMs = Date.now()): void {
    const kept = entries.get(chargePointId);
    if (!kept && entries.size >= MOST_IDENTITIES) return metrics.unknownChargePointsDropped.inc();
    const { attempts = 0, toldAtMs = Number.NEGATIVE_INFINITY } = kept ?? {};
    entries.set(chargePointId, {
      attempts: attempts + 1,
      firstAtMs: kept && attempts > 0 ? kept.firstAtMs : nowMs,
      lastAtMs: nowMs,
      address,
      subprotocols: subprotocolsOf(offered),
      toldAtMs,
    });
  }

  /** Takes what may be told, forgets who has been quiet for as long. */
  function take(nowMs: number, againMs: number): RefusedIdentity[] {
    const due: RefusedIdentity[] = [];
    for (const [chargePointId, { toldAtMs, ...said }] of entries) {
      if (nowMs - toldAtMs < againMs) continue;
      if (said.attempts === 0) {
        entries.delete(chargePointId);
        continue;
      }
      if (due.length >= MOST_AT_ONCE) break;
      due.push({ chargePointId, ...said });
      entries.set(chargePointId, { ...said, attempts: 0, toldAtMs: nowMs });
    }
    return due;
  }

  async function tell(due: readonly RefusedIdentity[]): Promise<void> {
    const letter = {
      action: unknownChargePoints.name,
      chargePointId: '',
      connectionId: gatewayId,
      receivedAtMs: Date.now(),
      traceId: newTraceId(),
      text: unknownChargePoints.write(due),
    };
    // They will try again.
    await jobs
      .tell([letter])
      .catch((error: unknown) => log.warn({ err: error, identities: due.length }, 'unknown charge points not told'));
  }

  async function tellDue(nowMs = Date.now()): Promise<void> {
    const due = take(nowMs, AGAIN_MS);
    if (due.length > 0) await tell(due);
  }

  return {
    refused,
    tellDue,
    async close() {
      clearInterval(timer);
      await telling;
      const nowMs = Date.now();
      for (let due = take(nowMs, 0); due.length > 0; due = take(nowMs, 0)) await tell(due);
    },
  };
}

/** What a stranger sent in a header: words of the alphabet that subprotocols have, and not many. */
function subprotocolsOf(header: string): string[] {
  return header
    .split(',')
    .map((word) => word.trim())
    .filter((word) => /^[\w.+-]{1,32}$/.test(word))
    .slice(0, MOST_SUBPROTOCOLS);
}
