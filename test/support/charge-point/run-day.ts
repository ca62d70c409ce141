import type { ChargePoint, Report } from './charge-point.ts';

/** A day at one connector, in charger time. */
export type Day = {
  readonly sessions: number;
  readonly sessionSeconds: number;
  readonly meterIntervalSeconds: number;
  readonly idTag: string;
  /** Default 1. */
  readonly connectorId?: number;
  /** Between two sessions; default 60. */
  readonly pauseSeconds?: number;
  /** How long the last messages may take to be answered, real ms; default 60,000; Infinity is allowed. */
  readonly flushTimeoutMs?: number;
  /** Nobody waits for the last answers any longer. */
  readonly signal?: AbortSignal;
};

/**
 * Lives through a day: plug in, authorize, start, a reading every interval, stop, unplug, and again. Energy is that of
 * the charger's power over the intervals, so the same day always has the same energy, whatever the timers do. The day
 * goes on while offline. Resolves to the report when every message is answered; rejects with WaitedTooLong if that
 * takes too long, and when the signal aborts that waiting. Sessions end early when the power goes.
 */
export async function runDay(chargePoint: ChargePoint, day: Day): Promise<Report> {
  for (let session = 0; session < day.sessions; session += 1) {
    if (session > 0 && !(await chargePoint.wait(day.pauseSeconds ?? 60))) break;
    if (!(await runSession(chargePoint, day))) break;
  }
  const flushTimeoutMs = day.flushTimeoutMs ?? 60_000;
  await chargePoint.flushed(flushTimeoutMs, day.signal);
  // The last statuses, too, unless nobody is there to hear them.
  if (chargePoint.isReady()) await chargePoint.ready(flushTimeoutMs, day.signal);
  return chargePoint.report();
}

/** One session. False when the power went during it. */
async function runSession(chargePoint: ChargePoint, day: Day): Promise<boolean> {
  const { idTag, connectorId = 1, sessionSeconds, meterIntervalSeconds } = day;
  chargePoint.plugIn(connectorId);
  const { status } = await chargePoint.authorize(idTag);
  if (status !== 'Accepted') {
    chargePoint.unplug(connectorId);
    return true;
  }
  const energy = steps(chargePoint.settings.powerW);
  // Nobody waits for confirmations: a car charges on while the messages travel.
  void chargePoint.startTransaction({ connectorId, idTag, meterIntervalSeconds: 0 });
  for (let restSeconds = sessionSeconds; restSeconds > 0; restSeconds -= meterIntervalSeconds) {
    const seconds = Math.min(meterIntervalSeconds, restSeconds);
    if (!(await chargePoint.wait(seconds))) return false;
    // A refused idTag or a command of the central system may have ended it.
    if (!chargePoint.transaction(connectorId)) break;
    if (seconds === meterIntervalSeconds) void chargePoint.meter(connectorId, energy(seconds));
    else void chargePoint.stopTransaction({ connectorId, idTag, wh: energy(seconds) });
  }
  void chargePoint.stopTransaction({ connectorId, idTag, wh: 0 });
  chargePoint.unplug(connectorId);
  return true;
}

/** Whole Wh per step that add up to the power over the time. */
function steps(powerW: number): (seconds: number) => number {
  let elapsedSeconds = 0;
  let toldWh = 0;
  return (seconds) => {
    elapsedSeconds += seconds;
    const wh = Math.floor((powerW * elapsedSeconds) / 3_600) - toldWh;
    toldWh += wh;
    return wh;
  };
}
