/**
 * A charger's day, quickly: SESSIONS times somebody comes, is authorized, plugs in, charges and goes. In some sessions
 * (OFFLINE_SHARE) the network goes away in the middle and what happened meanwhile is told later.
 */
import { type Charger, liveFleet, type Run, setUpFleet } from './lib/fleet.ts';
import { fleetOptions } from './lib/options.ts';
import { pause } from './lib/pause.ts';
import { settings } from './lib/settings.ts';
import { summarize } from './lib/summary.ts';

const SESSIONS = settings.whole('SESSIONS', 5);
const OFFLINE_SHARE = settings.share('OFFLINE_SHARE', 0.2);
const PAUSE_SECONDS = settings.number('PAUSE_SECONDS', 5);
const SECONDS = SESSIONS * (settings.sessionSeconds + 2 * PAUSE_SECONDS + 10);
const CONNECTOR = 1;

export const options = fleetOptions(SECONDS);

/** Registers the chargers. */
export function setup(): Run {
  return setUpFleet();
}

/** One VU. */
export default async function transactionDay(run: Run): Promise<void> {
  await liveFleet(run, live);
}

async function live(charger: Charger): Promise<void> {
  const { chargePoint } = charger;
  const status = (word: string) =>
    chargePoint.call('StatusNotification', { connectorId: CONNECTOR, status: word, errorCode: 'NoError' });
  for (let session = 0; session < SESSIONS; session++) {
    // Nobody comes at the same second.
    await pause(Math.random() * 2 * PAUSE_SECONDS * 1_000);
    await chargePoint.ready();
    await chargePoint.call('Authorize', { idTag: charger.idTag });
    await status('Preparing');
    const charging = charger.charge({ connectorId: CONNECTOR });
    await status('Charging');
    if (Math.random() < OFFLINE_SHARE) {
      await pause((settings.sessionSeconds * 1_000) / 2);
      chargePoint.cut();
    }
    await charging;
    await status('Finishing');
    await status('Available');
  }
}

export const handleSummary = summarize;
