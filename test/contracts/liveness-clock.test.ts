import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createMemoryBus } from '@voltgate/shared/memory/bus.ts';
import { createMemoryRegistry } from '@voltgate/shared/memory/registry.ts';
import { openConnections, type Plugged } from '../support/connections.ts';
import { until } from '../support/until.ts';

const DAY_MS = 86_400_000;
/** Those that pong may be silent for three of these here. */
const PING_INTERVAL_MS = 1_000;

test('a clock that is set forward closes nobody, and last-seen times follow it', async (t) => {
  const { connections, plug } = await open(t);
  const charger = plug('CP-1');
  charger.connection.ponged();
  setClock(t, DAY_MS);
  answersPings(t, charger);
  await until(() => charger.pings() > 1 || charger.closedWith.length > 0);
  assert.deepEqual(charger.closedWith, []);
  const [heard] = connections.heard();
  assert.ok(heard && Math.abs(heard.seenAtMs - Date.now()) < DAY_MS / 2, JSON.stringify(heard));
});

test('a clock that is set back hides no dead line', async (t) => {
  const { plug } = await open(t);
  const charger = plug('CP-1');
  charger.connection.ponged();
  setClock(t, -DAY_MS);
  await until(() => charger.closedWith.length > 0, { withinMs: 60_000 });
});

async function open(t: TestContext) {
  const env = { PING_INTERVAL_MS: String(PING_INTERVAL_MS), HEARTBEAT_INTERVAL_SECONDS: '3600' };
  return await openConnections(t, { gatewayId: 'A', bus: createMemoryBus(), registry: createMemoryRegistry(), env });
}

/** Sets the wall clock of this process forward, or back, and lets it go on. */
function setClock(t: TestContext, byMs: number): void {
  const now = Date.now;
  t.mock.method(Date, 'now', () => now() + byMs);
}

function answersPings(t: TestContext, charger: Plugged): void {
  let answered = 0;
  const timer = setInterval(() => {
    if (charger.pings() === answered) return;
    answered = charger.pings();
    charger.connection.ponged();
  }, 10);
  t.after(() => clearInterval(timer));
}
