/**
 * Hours of steady load (DURATION_SECONDS, 8 hours by default): every charger compares every COMPARE_EVERY_SECONDS what it has
 * done since, and forgets it, so that neither this nor k6 grows.
 */
import { type Charger, liveFleet, type Run, setUpFleet } from './lib/fleet.ts';
import { fleetOptions } from './lib/options.ts';
import { settings } from './lib/settings.ts';
import { summarize } from './lib/summary.ts';

const SECONDS = settings.durationSeconds(8 * 3_600);
const COMPARE_EVERY_SECONDS = settings.positive('COMPARE_EVERY_SECONDS', 600);

export const options = fleetOptions(SECONDS);

/** Registers the chargers. */
export function setup(): Run {
  return setUpFleet();
}

/** One VU. */
export default async function soak(run: Run): Promise<void> {
  const endMs = run.startedAtMs + SECONDS * 1_000;
  await liveFleet(run, async ({ charge, reconcile }: Charger) => {
    // Not all at the same minute.
    let compareAtMs = Date.now() + Math.random() * COMPARE_EVERY_SECONDS * 1_000;
    while (Date.now() < endMs) {
      await charge({ isOver: () => Date.now() >= endMs });
      if (Date.now() < compareAtMs) continue;
      compareAtMs = Date.now() + COMPARE_EVERY_SECONDS * 1_000;
      await reconcile();
    }
  });
}

export const handleSummary = summarize;
