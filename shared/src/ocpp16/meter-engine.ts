/**
 * The meter engine: every energy anyone sees comes from here.
 *
 * What a charger sends is first normalised to samples in base units; the newest import register among them gives the
 * live energy; a session's energy is meterStop - meterStart unless the register gives reason to doubt:
 *
 *   meterStop >= meterStart, register never fell   register  meterStop - meterStart
 *   meterStop <  meterStart, register overflowed   rollover  10^k - meterStart + meterStop
 *   register fell and started again at 0           samples   what it gained before and after
 *
 * Nothing is rescaled on suspicion: what looks wrong is flagged.
 */
import { readTimestamp } from './timestamp.ts';
import type { MeterValue, Sample } from './types.ts';

/** A reading of Energy.Active.Import.Register. */
export type Register = { readonly sampledAt: Date; readonly registerWh: number };

/** Words for what is odd about a session's energy. */
export type EnergyFlag = 'meter-stop-below-start' | 'register-reset' | 'register-rollover' | 'implausible-jump';

/** A session's energy, null when the meter gave no finite numbers, and how it was found. */
export type SessionEnergy = {
  readonly energyWh: number | null;
  readonly source: 'register' | 'samples' | 'rollover';
  readonly flags: EnergyFlag[];
};

const IMPORT_REGISTER = 'Energy.Active.Import.Register';
const EARLIEST_PLAUSIBLE_MS = Date.UTC(2015, 0, 1);
const DAY_MS = 24 * 60 * 60 * 1000;
/** What rounding makes of one register: a meterStop in whole Wh beside samples in kWh with one decimal. */
const ROUNDING_WH = 100;
/** No charge point delivers more. */
const MOST_POWER_W = 1_000_000;

const scaled: Readonly<Record<string, string>> = { kWh: 'Wh', kvarh: 'varh', kW: 'W', kvar: 'var', kVA: 'VA' };
const renamed: Readonly<Record<string, string>> = { Celcius: 'Celsius' };
/** [OCPP 1.6, 7.44] names a default unit for energy only; for the rest it is what the measurand is measured in. */
const natural: readonly (readonly [prefix: string, unit: string])[] = [
  ['Energy.', 'Wh'],
  ['Power.Factor', ''],
  ['Power.Reactive.', 'var'],
  ['Power.', 'W'],
  ['Current.', 'A'],
  ['Voltage', 'V'],
  ['Frequency', 'Hertz'],
  ['Temperature', 'Celsius'],
  ['SoC', 'Percent'],
];

/** Samples with every default filled in and in base units. `value` is null where the text is no number. */
export function normaliseSamples(meterValues: readonly MeterValue[]): Sample[] {
  return meterValues.flatMap(({ timestamp, sampledValue }) => {
    const sampledAt = readTimestamp(timestamp);
    return sampledValue.map((sampled) => {
      const measurand = sampled.measurand ?? IMPORT_REGISTER;
      const sentUnit = sampled.unit ?? natural.find(([prefix]) => measurand.startsWith(prefix))?.[1] ?? '';
      const baseUnit = scaled[sentUnit];
      return {
        sampledAt,
        measurand,
        phase: sampled.phase ?? '',
        location: sampled.location ?? 'Outlet',
        context: sampled.context ?? 'Sample.Periodic',
        unit: baseUnit ?? renamed[sentUnit] ?? sentUnit,
        value: sampled.format === 'SignedData' ? null : readNumber(sampled.value, baseUnit === undefined ? 0 : 3),
        rawValue: sampled.value,
        rawUnit: sampled.unit ?? '',
      };
    });
  });
}

/**
 * The newest import register among the samples, or null. The outlet's meter goes before any other, the end of a
 * transaction before its beginning at one time, a total before the sum of its phases.
 */
export function newestRegister(samples: readonly Sample[]): Register | null {
  const readings = new Map<string, Sample[]>();
  for (const sample of samples) {
    if (sample.measurand !== IMPORT_REGISTER || sample.unit !== 'Wh') continue;
    const key = `${sample.sampledAt.getTime()} ${sample.location} ${sample.context}`;
    const reading = readings.get(key);
    if (reading) reading.push(sample);
    else readings.set(key, [sample]);
  }
  let newest: { readonly register: Register; readonly rank: readonly number[] } | null = null;
  for (const reading of readings.values()) {
    const registerWh = total(reading);
    const [first] = reading;
    if (registerWh === null || first === undefined) continue;
    const rank = [first.location === 'Outlet' ? 1 : 0, first.sampledAt.getTime(), contextRank(first.context)];
    if (newest === null || isAbove(rank, newest.rank)) {
      newest = { register: { sampledAt: first.sampledAt, registerWh }, rank };
    }
  }
  return newest?.register ?? null;
}

/** Energy of a session, never negative. The order of `registers` does not matter; they are those of the session. */
export function sessionEnergy(session: {
  readonly meterStartWh: number;
  readonly meterStopWh: number;
  readonly registers: readonly Register[];
}): SessionEnergy {
  const { meterStartWh: start, meterStopWh: stop } = session;
  if (!Number.isFinite(start) || !Number.isFinite(stop)) return { energyWh: null, source: 'register', flags: [] };
  const between = session.registers
    .filter(({ registerWh }) => Number.isFinite(registerWh))
    .toSorted((a, b) => a.sampledAt.getTime() - b.sampledAt.getTime());
  const points: readonly Point[] = [
    { wh: start },
    ...between.map(({ sampledAt, registerWh }) => ({ wh: registerWh, atMs: sampledAt.getTime() })),
    { wh: stop },
  ];
  const jumped: EnergyFlag[] = hasImplausibleJump(points) ? ['implausible-jump'] : [];
  const below: EnergyFlag[] = stop < start ? ['meter-stop-below-start'] : [];

  const modulus = stop < start ? overflow(start, stop) : undefined;
  // Samples that would have made the register race to its end say it did not overflow.
  if (
    modulus !== undefined &&
    !hasImplausibleJump(points.map((p) => (p.wh < start / 2 ? { ...p, wh: p.wh + modulus } : p)))
  ) {
    return { energyWh: modulus - start + stop, source: 'rollover', flags: [...below, 'register-rollover'] };
  }
  const gained = gainedOver(points, stop < start - ROUNDING_WH);
  if (!gained.restarted)
    return { energyWh: Math.max(0, stop - start), source: 'register', flags: [...below, ...jumped] };
  const flags: EnergyFlag[] = [...below, 'register-reset', ...jumped];
  // Samples that cannot be right do not outvote the two readings of the transaction itself.
  if (jumped.length > 0 && stop >= start) return { energyWh: stop - start, source: 'register', flags };
  return { energyWh: gained.energyWh, source: 'samples', flags };
}

/** True from 2015 on and up to a day ahead of the receive time: what may win "newest". */
export function isPlausibleClock(at: Date, receivedAt: Date): boolean {
  return at.getTime() >= EARLIEST_PLAUSIBLE_MS && at.getTime() <= receivedAt.getTime() + DAY_MS;
}

// The shift is made in the text, where 12.345 kWh is exactly 12345 Wh.
function readNumber(text: string, shift: number): number | null {
  const found = /^([+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+))(?:[eE]([+-]?\d{1,3}))?$/.exec(text.trim());
  if (found === null) return null;
  const value = Number(`${found[1]?.replace(',', '.')}e${Number(found[2] ?? 0) + shift}`);
  return Number.isFinite(value) ? value + 0 : null;
}

/** The total of one reading; phases are summed only when all are there, are numbers and mean the same. */
function total(reading: readonly Sample[]): number | null {
  const whole = reading.findLast(({ phase, value }) => phase === '' && value !== null);
  if (whole) return whole.value;
  const phases = new Map(reading.filter(({ phase }) => phase !== '' && phase !== 'N').map((s) => [s.phase, s.value]));
  const belongTogether = [/^L[123]$/, /^L[123]-N$/].some((family) =>
    [...phases.keys()].every((phase) => family.test(phase)),
  );
  if (phases.size === 0 || !belongTogether) return null;
  let sum = 0;
  for (const value of phases.values()) {
    if (value === null) return null;
    sum += value;
  }
  // To 1e-6 Wh: a sum of decimals carries the dust of binary fractions.
  return Math.round(sum * 1e6) / 1e6;
}

function contextRank(context: string): number {
  if (context === 'Transaction.End') return 2;
  return context === 'Transaction.Begin' ? 0 : 1;
}

function isAbove(a: readonly number[], b: readonly number[]): boolean {
  const differs = a.findIndex((value, index) => value !== b[index]);
  return differs >= 0 && (a[differs] ?? 0) > (b[differs] ?? 0);
}

/** A register reading; those of the transaction itself are told without a time here. */
type Point = { readonly wh: number; readonly atMs?: number };

/** 10^k when the register can have run over it: from the last tenth below it into the first tenth. */
function overflow(start: number, stop: number): number | undefined {
  return [1e5, 1e6, 1e7, 1e8, 1e9].find((end) => start >= 0.9 * end && start < end && stop >= 0 && stop <= 0.1 * end);
}

/**
 * What the register gained, counting from 0 again after each restart. A restart is a fall below half; when one must have
 * happened but none is that plain, it is the deepest fall. Smaller dips (rounding, a second meter) count as nothing.
 */
function gainedOver(points: readonly Point[], mustHaveRestarted: boolean): { energyWh: number; restarted: boolean } {
  const walk = (isRestart: (high: number, wh: number) => boolean) => {
    let high = Math.max(0, points[0]?.wh ?? 0);
    let energyWh = 0;
    let restarted = false;
    let deepest = 1;
    for (const { wh } of points.slice(1)) {
      if (wh < high) deepest = Math.min(deepest, wh / high);
      if (isRestart(high, wh)) {
        restarted = true;
        high = 0;
      }
      energyWh += Math.max(0, wh - high);
      high = Math.max(high, wh);
    }
    return { energyWh, restarted, deepest };
  };
  const plain = walk((high, wh) => high - wh > ROUNDING_WH && wh < high / 2);
  return plain.restarted || !mustHaveRestarted ? plain : walk((high, wh) => wh / high <= plain.deepest);
}

function hasImplausibleJump(points: readonly Point[]): boolean {
  return points.slice(1).some((next, index) => {
    const point = points[index] ?? next;
    const [less, more] = [Math.min(point.wh, next.wh), Math.max(point.wh, next.wh)];
    // The mark of kWh labelled Wh, or the reverse.
    if (less >= 10 && more / less > 900 && more / less < 1100) return true;
    if (point.atMs === undefined || next.atMs === undefined) return false;
    // Clocks of chargers tick in seconds.
    const hours = (next.atMs - point.atMs + 1000) / 3_600_000;
    return next.wh - point.wh > MOST_POWER_W * hours;
  });
}
