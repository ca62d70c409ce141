/**
 * Commands to every charger through the API, and so through whichever gateway the balancer chooses, while the chargers
 * charge. Each is executed once at most, and exactly once when the API says so.
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
/** Of one charger, from an answer to the next command. */
const EVERY_SECONDS = settings.number('COMMAND_EVERY_SECONDS', 5);
const COMMAND_P95_MS = settings.positive('COMMAND_P95_MS', 2_000);
const TIMEOUT_SECONDS = 20;

const confirmed = new Counter('ocpp_commands_confirmed');
const unconfirmed = new Counter('ocpp_commands_unconfirmed');
const lost = new Counter('lost_commands');
const duplicated = new Counter('duplicated_commands');

export const options = fleetOptions(SECONDS, {
  ocpp_command_duration: [`p(95)<${COMMAND_P95_MS}`],
  ocpp_commands_confirmed: ['count>0'],
  ocpp_commands_unconfirmed: ['count==0'],
  lost_commands: ['count==0'],
  duplicated_commands: ['count==0'],
});

/** Registers the chargers. */
export function setup(): Run {
  return setUpFleet();
}

/** One VU. */
export default async function commandFanOut(run: Run): Promise<void> {
  await commandFleet(run, { seconds: SECONDS, command: commandUntil, respond: () => executing() });
}

async function commandUntil({ chargePoint: { id } }: Charger, isOver: () => boolean): Promise<void> {
  await pause(Math.random() * EVERY_SECONDS * 1_000);
  while (!isOver()) {
    const { data, payload } = newCommand(id);
    const sentAtMs = Date.now();
    const { status } = await command(id, 'DataTransfer', payload, TIMEOUT_SECONDS);
    commandDuration.add(Date.now() - sentAtMs, { kind: 'prompt' });
    const times = timesExecuted(data);
    (status === 200 ? confirmed : unconfirmed).add(1, { status: String(status) });
    lost.add(status === 200 && times === 0 ? 1 : 0);
    duplicated.add(Math.max(0, times - 1));
    await pause(EVERY_SECONDS * 1_000);
  }
}

export const handleSummary = summarize;
