/** Chargers in the middle of their sessions, one transaction after the other, for DURATION_SECONDS. */
import { type Charger, liveFleet, type Run, setUpFleet } from './lib/fleet.ts';
import { fleetOptions } from './lib/options.ts';
import { settings } from './lib/settings.ts';
import { summarize } from './lib/summary.ts';

const SECONDS = settings.durationSeconds(120);

export const options = fleetOptions(SECONDS);

/** Registers the chargers. */
export function setup(): Run {
  return setUpFleet();
}

/** One VU. */
export default async function steadyState(run: Run): Promise<void> {
  const endMs = run.startedAtMs + SECONDS * 1_000;
  const isOver = () => Date.now() >= endMs;
  await liveFleet(run, async ({ charge }: Charger) => {
    while (!isOver()) await charge({ isOver });
  });
}

export const handleSummary = summarize;
