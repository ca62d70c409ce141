import type { ChargePoint } from './charge-point.ts';
import { pause } from './pause.ts';
import { settings } from './settings.ts';

/** A transaction that is over, as its charger knows it. */
export type Charge = {
  readonly transactionId: number;
  readonly energyWh: number;
  /** `<time> <measurand> <value>` of each sample that was acknowledged. */
  readonly samples: ReadonlySet<string>;
};

export type ChargeOptions = {
  readonly idTag: string;
  readonly seconds?: number;
  readonly connectorId?: number;
  /** Ends it early when true. */
  readonly isOver?: () => boolean;
};

/** Where each charger's register stands: it never goes back. */
const registers = new Map<string, number>();

/** One transaction from Start to Stop with its meter values; undefined when it could not be told to the end. */
export async function charge(
  chargePoint: ChargePoint,
  { idTag, seconds = settings.sessionSeconds, connectorId = 1, isOver = () => false }: ChargeOptions,
): Promise<Charge | undefined> {
  const endMs = Date.now() + seconds * 1_000;
  const meterStart = registers.get(chargePoint.id) ?? 0;
  let registerWh = meterStart;
  const samples = new Set<string>();
  const started = { connectorId, idTag, meterStart, timestamp: now() };
  const start = await chargePoint.deliver('StartTransaction', () => started);
  if (typeof start?.transactionId !== 'number') return undefined;
  const { transactionId } = start;

  while (Date.now() < endMs && !isOver()) {
    await pause(Math.min(settings.meterIntervalSeconds * 1_000, endMs - Date.now()));
    registerWh += 1 + Math.floor(Math.random() * 50);
    const timestamp = now();
    const sampledValue = samplesAt(registerWh);
    const payload = { connectorId, transactionId, meterValue: [{ timestamp, sampledValue }] };
    // Not waited for: the meter goes on while the network is away.
    void chargePoint
      .deliver('MeterValues', () => payload)
      .then((conf) => {
        if (conf) for (const { measurand, value } of sampledValue) samples.add(`${timestamp} ${measurand} ${value}`);
      });
  }

  const stopped = { transactionId, meterStop: registerWh, timestamp: now(), reason: 'Local', idTag };
  registers.set(chargePoint.id, registerWh);
  const stop = await chargePoint.deliver('StopTransaction', () => stopped);
  return stop && { transactionId, energyWh: registerWh - meterStart, samples };
}

const now = () => new Date().toISOString();

function samplesAt(registerWh: number) {
  return [
    { measurand: 'Energy.Active.Import.Register', unit: 'Wh', value: String(registerWh) },
    { measurand: 'Power.Active.Import', unit: 'W', value: String(7_000 + Math.floor(Math.random() * 4_000)) },
    { measurand: 'Voltage', unit: 'V', value: String(225 + Math.floor(Math.random() * 10)) },
  ];
}
