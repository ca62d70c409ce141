import type { Respond } from './calls.ts';
import { type Charger, liveFleet, type Run } from './fleet.ts';
import { settings } from './settings.ts';

export type Commanding = {
  /** How long it goes on once all chargers had their turn to connect. */
  readonly seconds: number;
  /** Commands one charger until it is over. */
  readonly command: (charger: Charger, isOver: () => boolean) => Promise<void>;
  /** How a charger answers Calls. */
  readonly respond: (id: string) => Respond;
};

/** The chargers of this VU charge, each in one transaction, while they are commanded. To be called once per VU. */
export async function commandFleet(run: Run, { seconds, command, respond }: Commanding): Promise<void> {
  const endMs = run.startedAtMs + (settings.chargers / settings.connectRate + seconds) * 1_000;
  const isOver = () => Date.now() >= endMs;
  const live = async (charger: Charger) => {
    await Promise.all([charger.charge({ seconds, isOver }), command(charger, isOver)]);
  };
  await liveFleet(run, live, { respond });
}
