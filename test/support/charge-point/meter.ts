import type { Connector } from './connector.ts';
import type { Quirk } from './quirks.ts';

/** One sampledValue on the wire. */
export type SampledValue = {
  readonly value: string;
  readonly context?: string;
  readonly measurand?: string;
  readonly phase?: string;
  readonly unit?: string;
};

export type MeterValue = { readonly timestamp: string; readonly sampledValue: readonly SampledValue[] };

/** The measurand of a register, and the default of a sampled value without one. */
export const ENERGY = 'Energy.Active.Import.Register';

const VOLTS = 230.1;
const PHASES = ['L1', 'L2', 'L3'] as const;
const MS_PER_HOUR = 3_600_000;

/**
 * Lets energy flow through a connector's meter: `wh`, or what `powerW` gives in the charger time since the last reading.
 * The register is a whole number of Wh and never falls.
 */
export function advance(connector: Connector, nowMs: number, powerW: number, wh?: number): void {
  const elapsedMs = Math.max(0, nowMs - connector.meteredAtMs);
  connector.meteredAtMs = nowMs;
  const flowed = connector.fractionWh + (wh ?? (powerW * elapsedMs) / MS_PER_HOUR);
  const whole = Math.floor(flowed);
  connector.fractionWh = flowed - whole;
  connector.registerWh += whole;
  if (connector.transaction) connector.transaction.energyWh += whole;
}

/** The reading of a connector: one value per measurand, or one per phase. */
export function sample(
  connector: Connector,
  measurands: readonly string[],
  context: string,
  powerW: number,
  quirks: ReadonlySet<Quirk>,
): SampledValue[] {
  const drawnW = connector.transaction ? powerW : 0;
  const values = measurands.flatMap((measurand) => {
    const reading = read(measurand, connector.registerWh, drawnW);
    if (!reading) return [];
    if (!quirks.has('phases-without-total')) return [written(reading, measurand, context, quirks)];
    return PHASES.map((phase, index) => ({ ...written(share(reading, index), measurand, context, quirks), phase }));
  });
  if (quirks.has('unknown-measurand')) values.push({ value: '42', context, measurand: 'Cable.Wear', unit: 'Wear' });
  return values;
}

type Reading = { readonly value: number; readonly unit: string; readonly digits: number; readonly adds: boolean };

function read(measurand: string, registerWh: number, powerW: number): Reading | undefined {
  switch (measurand) {
    case ENERGY:
      return { value: registerWh, unit: 'Wh', digits: 0, adds: true };
    case 'Power.Active.Import':
      return { value: powerW, unit: 'W', digits: 0, adds: true };
    case 'Power.Offered':
      return { value: powerW, unit: 'W', digits: 0, adds: true };
    case 'Current.Import':
      return { value: powerW / VOLTS, unit: 'A', digits: 1, adds: true };
    case 'Voltage':
      return { value: VOLTS, unit: 'V', digits: 1, adds: false };
    case 'Temperature':
      return { value: 31, unit: 'Celsius', digits: 0, adds: false };
    case 'SoC':
      return { value: 50, unit: 'Percent', digits: 0, adds: false };
    default:
      return undefined;
  }
}

/** The part of one phase; the parts of a whole number add up to it exactly. */
function share(reading: Reading, index: number): Reading {
  if (!reading.adds) return reading;
  if (reading.digits > 0) return { ...reading, value: reading.value / PHASES.length };
  const third = Math.floor(reading.value / PHASES.length);
  return { ...reading, value: index === 0 ? reading.value - 2 * third : third };
}

function written({ value, unit, digits }: Reading, measurand: string, context: string, quirks: ReadonlySet<Quirk>) {
  const kilo = unit === 'Wh' && quirks.has('kwh');
  const comma = quirks.has('comma-decimals');
  const text = kilo ? (value / 1_000).toFixed(3) : value.toFixed(comma ? Math.max(digits, 1) : digits);
  return {
    value: comma ? text.replace('.', ',') : text,
    context,
    measurand,
    unit: kilo ? 'kWh' : unit,
  };
}
