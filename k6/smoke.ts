/** Does everything work at all? A few chargers, one short transaction each, a wrong password, a command. */
import { check } from 'k6';
import { command } from './lib/api.ts';
import { type Charger, liveFleet, type Run, setUpFleet } from './lib/fleet.ts';
import { fleetOptions } from './lib/options.ts';
import { openSocket } from './lib/socket.ts';
import { summarize } from './lib/summary.ts';

const SECONDS = 5;

export const options = fleetOptions(SECONDS, { checks: ['rate==1'] });

/** Registers the chargers. */
export function setup(): Run {
  return setUpFleet();
}

/** One VU. */
export default async function smoke(run: Run): Promise<void> {
  await liveFleet(run, live);
}

async function live({ chargePoint, idTag, charge }: Charger): Promise<void> {
  const refused = await isRefused(chargePoint.id);
  const authorized = await chargePoint.call('Authorize', { idTag });
  const response = await command(chargePoint.id, 'GetConfiguration', {}, 10);
  check(null, {
    'a wrong password is refused': () => refused,
    'its idTag is accepted': () => (authorized?.idTagInfo as { status?: string } | undefined)?.status === 'Accepted',
    'a command is answered': () => response.status === 200,
  });
  await charge({ seconds: SECONDS });
}

function isRefused(id: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = openSocket(
      id,
      { opened: () => socket.close(1000), received: () => undefined, closed: (code) => resolve(code === undefined) },
      'not the password',
    );
  });
}

export const handleSummary = summarize;
