/**
 * A share of the chargers (SLOW_SHARE) answers commands only after SLOW_SECONDS; the others must not notice. (k6 itself reads
 * every socket at once, whatever a script does: a charger that leaves bytes unread is not to be had here.)
 */
import { Counter } from 'k6/metrics';
import { command } from './lib/api.ts';
import { commandFleet } from './lib/command-fleet.ts';
import { executing, newCommand, timesExecuted } from './lib/commanded.ts';
import { type Charger, type Run, setUpFleet } from './lib/fleet.ts';
import { commandDuration } from './lib/metrics.ts';
import { fleetOptions } from './lib/options.ts';
import { pause } from './lib/pause.ts';
import { settings } from './lib/settings.ts';
import { summarize } from './lib/summary.ts';

const SECONDS = settings.durationSeconds(60);
const SLOW_SHARE = settings.share('SLOW_SHARE', 0.2);
const SLOW_SECONDS = settings.number('SLOW_SECONDS', 8);
const COMMAND_P95_MS = settings.positive('COMMAND_P95_MS', 2_000);
const EVERY_MS = 2_000;

const failed = new Counter('failed_commands');
const duplicated = new Counter('duplicated_commands');

export const options = fleetOptions(SECONDS, {
  'ocpp_command_duration{kind:prompt}': [`p(95)<${COMMAND_P95_MS}`],
  'ocpp_command_duration{kind:slow}': [`min>=${SLOW_SECONDS * 1_000}`],
  failed_commands: ['count==0'],
  duplicated_commands: ['count==0'],
});

/** Registers the chargers. */
export function setup(): Run {
  return setUpFleet();
}

/** One VU. */
export default async function slowReaders(run: Run): Promise<void> {
  await commandFleet(run, {
    seconds: SECONDS,
    command: commandUntil,
    respond: (id) => executing(isSlow(indexOf(id)) ? SLOW_SECONDS * 1_000 : 0),
  });
}

async function commandUntil({ index, chargePoint: { id } }: Charger, isOver: () => boolean): Promise<void> {
  const kind = isSlow(index) ? 'slow' : 'prompt';
  while (!isOver()) {
    const { data, payload } = newCommand(id);
    const sentAtMs = Date.now();
    const { status } = await command(id, 'DataTransfer', payload, SLOW_SECONDS + 20);
    commandDuration.add(Date.now() - sentAtMs, { kind });
    failed.add(status === 200 ? 0 : 1, { status: String(status) });
    duplicated.add(Math.max(0, timesExecuted(data) - 1));
    await pause(EVERY_MS);
  }
}

const indexOf = (id: string) => Number(id.slice(id.lastIndexOf('-') + 1));
/** Spread evenly over the fleet and so over the VUs. */
const isSlow = (index: number) => Math.floor((index + 1) * SLOW_SHARE) > Math.floor(index * SLOW_SHARE);

export const handleSummary = summarize;
