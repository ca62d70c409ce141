import { newestRegister, type Register, type SessionEnergy, sessionEnergy } from '../ocpp16/meter-engine.ts';
import type { Sample } from '../ocpp16/types.ts';
import type { Sql } from './client.ts';
import type { Vocabulary } from './vocabulary.ts';

const REGISTER = 'Energy.Active.Import.Register';

/** What the energy of a stopped transaction depends on. */
export type Session = {
  readonly id: number;
  readonly startedAt: Date;
  readonly stoppedAt: Date;
  readonly meterStartWh: number;
  readonly meterStopWh: number;
  readonly lastRegisterWh: number | null;
};

/**
 * Delivered energy, from the rows alone: the same whatever came first, samples or Stop. Samples are only read when start and
 * stop do not agree with each other or with the newest register.
 */
export async function measureSession(sql: Sql, vocabulary: Vocabulary, session: Session): Promise<SessionEnergy> {
  const { meterStartWh, meterStopWh, lastRegisterWh } = session;
  const doubtful = meterStopWh < meterStartWh || (lastRegisterWh !== null && lastRegisterWh > meterStopWh);
  const registers = doubtful ? await loadRegisters(sql, vocabulary, session) : [];
  return sessionEnergy({ meterStartWh, meterStopWh, registers });
}

const ENERGY_FLAGS: readonly string[] = [
  'meter-stop-below-start',
  'register-reset',
  'register-rollover',
  'implausible-jump',
];

/** The flags of a transaction with those of a new measurement in place of the last one's. */
export function flagsAfter(kept: readonly string[], energy: SessionEnergy, more: readonly string[] = []): string[] {
  const others = kept.filter((flag) => !ENERGY_FLAGS.includes(flag));
  return [...new Set([...others, ...energy.flags, ...more])].sort();
}

async function loadRegisters(sql: Sql, vocabulary: Vocabulary, session: Session): Promise<Register[]> {
  const rows = await sql`
    select sampled_at, phase, location, context, value from meter_value
    where transaction_id = ${session.id} and transaction_id <> 0 and value is not null
      and measurand = ${vocabulary.code('measurand', REGISTER) ?? 0}
      and sampled_at between ${session.startedAt} and ${session.stoppedAt}`;
  const kinds = ['phase', 'location', 'context'] as const;
  if (rows.some((row) => kinds.some((kind) => vocabulary.word(kind, row[kind]) === undefined))) {
    await vocabulary.refresh(sql);
  }
  const word = (kind: (typeof kinds)[number], code: number) => vocabulary.word(kind, code) ?? String(code);
  const samples = rows.map(
    (row): Sample => ({
      sampledAt: row.sampledAt,
      measurand: REGISTER,
      phase: word('phase', row.phase),
      location: word('location', row.location),
      context: word('context', row.context),
      unit: 'Wh',
      value: row.value,
      rawValue: String(row.value),
      rawUnit: 'Wh',
    }),
  );
  const byTime = Map.groupBy(samples, (sample) => sample.sampledAt.getTime());
  return [...byTime.values()].flatMap((together) => newestRegister(together) ?? []);
}
