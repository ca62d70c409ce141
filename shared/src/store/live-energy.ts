import { isPlausibleClock } from '../ocpp16/meter-engine.ts';
import { numbers, times } from './arrays.ts';
import type { Sql } from './client.ts';
import { plausibleRegister } from './close-transaction.ts';
import type { BoundSamples } from './meter-values.ts';

type Sign = {
  readonly transactionId: number;
  /** Newest plausible time of any sample: it was alive then. */
  readonly aliveAt: Date;
  readonly receivedAt: Date;
  readonly registerWh: number | null;
  readonly registerAt: Date | null;
};

/**
 * Moves the newest register of each transaction when newer by charger time, and takes back the suspicion from those whose
 * samples show that they run on. Order-free: the newest wins, at one time the greater register.
 */
export async function advanceTransactions(sql: Sql, messages: readonly BoundSamples[]): Promise<void> {
  const signs = new Map<number, Sign>();
  for (const message of messages) {
    const sign = signOf(message);
    if (sign) signs.set(sign.transactionId, merged(sign, signs.get(sign.transactionId)));
  }
  const all = [...signs.values()];
  if (all.length === 0) return;
  await sql`
    update transaction t set
      last_register_wh = case when newer then s.register_wh else t.last_register_wh end,
      last_register_at = case when newer then s.register_at else t.last_register_at end,
      status = case when alive then 'active' else t.status end,
      suspect_since = case when alive then null else t.suspect_since end
    from (
      select s.*,
        s.register_at is not null and (k.last_register_at is null
          or (s.register_at, s.register_wh) > (k.last_register_at, k.last_register_wh)) as newer,
        k.status = 'suspect' and s.received_at > k.suspect_since and s.alive_at > k.suspect_since as alive
      from unnest(${numbers(all.map((sign) => sign.transactionId))}::int4[],
        ${times(all.map((sign) => sign.aliveAt))}::timestamptz[], ${times(all.map((sign) => sign.receivedAt))}::timestamptz[],
        ${numbers(all.map((sign) => sign.registerWh))}::float8[], ${times(all.map((sign) => sign.registerAt))}::timestamptz[])
        as s (id, alive_at, received_at, register_wh, register_at)
      join transaction k on k.id = s.id
    ) s
    where t.id = s.id and (newer or alive)`;
}

function signOf(message: BoundSamples): Sign | null {
  const { transactionId, receivedAt, samples } = message;
  const plausible = samples.filter((sample) => isPlausibleClock(sample.sampledAt, receivedAt));
  if (transactionId === 0 || plausible.length === 0) return null;
  const aliveAt = new Date(Math.max(...plausible.map((sample) => sample.sampledAt.getTime())));
  const register = plausibleRegister(plausible, receivedAt);
  const { registerWh, sampledAt: registerAt } = register ?? { registerWh: null, sampledAt: null };
  return { transactionId, aliveAt, receivedAt, registerWh, registerAt };
}

function merged(sign: Sign, other: Sign | undefined): Sign {
  if (other === undefined) return sign;
  const alive = sign.aliveAt > other.aliveAt ? sign : other;
  const register = isNewer(sign, other) ? sign : other;
  return { ...alive, registerWh: register.registerWh, registerAt: register.registerAt };
}

function isNewer(sign: Sign, other: Sign): boolean {
  if (sign.registerAt === null || other.registerAt === null) return sign.registerAt !== null;
  const difference = sign.registerAt.getTime() - other.registerAt.getTime();
  return difference === 0 ? (sign.registerWh ?? 0) > (other.registerWh ?? 0) : difference > 0;
}
