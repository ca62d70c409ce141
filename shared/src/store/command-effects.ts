import type { Answered } from './answered.ts';
import { learnAvailability } from './availability.ts';
import { learnProfileCleared, learnProfileSet } from './charging-profiles.ts';
import type { Sql } from './client.ts';
import { learnConfiguration, learnConfigurationChange } from './configuration.ts';
import { learnListSent, learnListVersion } from './local-list.ts';
import { learnReservation, learnReservationCancelled } from './reservations.ts';

/** Keeps what an answer says of the charge point. Order-free: the newest answer wins, whichever is kept first. */
export type Effect = (sql: Sql, answered: Answered) => Promise<unknown>;

const effects: ReadonlyMap<string, Effect> = new Map([
  ['GetConfiguration', learnConfiguration],
  ['ChangeConfiguration', learnConfigurationChange],
  ['ChangeAvailability', learnAvailability],
  ['SendLocalList', learnListSent],
  ['GetLocalListVersion', learnListVersion],
  ['SetChargingProfile', learnProfileSet],
  ['ClearChargingProfile', learnProfileCleared],
  ['ReserveNow', learnReservation],
  ['CancelReservation', learnReservationCancelled],
]);

/** Keeps what the answer of a command teaches, if it teaches anything. The caller holds the lock of the charge point. */
export async function learn(sql: Sql, answered: Answered): Promise<void> {
  await effects.get(answered.action)?.(sql, answered);
}
