import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { undoAfter } from '../support/cleanup.ts';
import { startCluster } from '../support/cluster.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { until } from '../support/until.ts';
import { createRandom, fuzzFrame, messageIdOf, readableCallId } from './fuzz.ts';

const SEED = 16;
const FRAMES = 100_000;
const SOCKETS = 20;
/** Sent at once by one socket. */
const BURST = 250;
const MAX_MESSAGE_ID = 128;
const MOST_GROWTH_MB = 30;

test(`${FRAMES} random and mutated frames break nothing, leak nothing, and every readable Call is answered once`, {
  timeout: 900_000,
}, async (t) => {
  t.diagnostic(`seed ${SEED}`);
  const database = await createTestDatabase();
  undoAfter(t, () => database.drop());
  const cluster = await startCluster({
    databaseUrl: database.url,
    env: {
      UNKNOWN_CHARGE_POINTS: 'adopt',
      ALLOW_PROFILE_0: 'true',
      LOG_LEVEL: 'error',
      MAX_INTAKE: '10000',
      MESSAGES_PER_SECOND: '100000',
    },
  });
  undoAfter(t, () => cluster.stop());
  const [gateway] = cluster.gateways;
  assert.ok(gateway);
  const { pid } = gateway;

  const first = await round(t, gateway.ocppUrl);
  const afterFirstMb = residentMb(pid);
  const second = await round(t, gateway.ocppUrl);
  const afterSecondMb = residentMb(pid);

  t.diagnostic(
    `${first.frames} frames, ${first.calls} readable Calls, in ${first.seconds} s, then ${second.seconds} s`,
  );
  t.diagnostic(`${afterFirstMb} MB resident after the first round, ${afterSecondMb} MB after the second`);
  assert.deepEqual([second.frames, second.calls], [first.frames, first.calls]);
  assert.equal(gateway.pid, pid);
  for (const probe of ['livez', 'readyz']) await until(async () => (await fetch(`${gateway.opsUrl}/${probe}`)).ok);
  assert.ok(afterSecondMb - afterFirstMb < MOST_GROWTH_MB, `grew by ${afterSecondMb - afterFirstMb} MB`);
});

/** The same frames over the same number of fresh sockets. */
async function round(t: TestContext, url: string) {
  const beginMs = Date.now();
  const counts = await Promise.all(
    Array.from({ length: SOCKETS }, (_, index) => speak(t, `${url}/FUZZ-${index}`, index)),
  );
  const sum = (key: 'frames' | 'calls') => counts.reduce((total, count) => total + count[key], 0);
  return { frames: sum('frames'), calls: sum('calls'), seconds: Math.round((Date.now() - beginMs) / 1_000) };
}

/** One socket's share: bursts, each sent when the one before was answered whole. */
async function speak(t: TestContext, url: string, index: number) {
  const random = createRandom(SEED * 1_000 + index);
  const socket = new WebSocket(url, 'ocpp1.6', { perMessageDeflate: false });
  undoAfter(t, () => socket.terminate());
  await new Promise((resolve, reject) => socket.on('open', resolve).on('error', reject));
  let closed: number | undefined;
  socket.on('close', (code) => {
    closed = code;
  });
  const answers = new Map<string, number>();
  socket.on('message', (bytes) => {
    const [type, id] = JSON.parse(bytes.toString()) as [number, string];
    if (type === 3 || type === 4) answers.set(id, (answers.get(id) ?? 0) + 1);
  });
  let calls = 0;
  for (let from = 0; from < FRAMES / SOCKETS; from += BURST) {
    // Half a surrogate pair becomes another character on its way.
    const texts = Array.from({ length: BURST }, (_, offset) => fuzzFrame(random, `${from + offset}`).toWellFormed());
    // The last is sound, and Calls are answered in order: its answer ends the burst.
    texts.push(`[2,"end-${from}","Heartbeat",{}]`);
    answers.clear();
    for (const text of texts) socket.send(text);
    await until(() => answers.has(`end-${from}`) || closed !== undefined, {
      withinMs: 60_000,
      everyMs: 2,
      what: `burst ${from} of ${url} to be answered`,
    });
    assert.equal(closed, undefined, `${url} was closed with ${closed} in the burst from ${from}`);
    calls += check(texts, answers);
  }
  socket.terminate();
  return { frames: FRAMES / SOCKETS, calls };
}

/** Every readable Call exactly once. Frames that share an id by accident are told apart by their number only. */
function check(texts: readonly string[], answers: ReadonlyMap<string, number>): number {
  const atLeast = Map.groupBy(texts, readableCallId);
  const atMost = Map.groupBy(texts, messageIdOf);
  let calls = 0;
  for (const [id, sent] of atLeast) {
    if (id === undefined || id.length > MAX_MESSAGE_ID) continue;
    calls += sent.length;
    const count = answers.get(id) ?? 0;
    assert.ok(count >= sent.length && count <= (atMost.get(id)?.length ?? 0), `${count} answers to ${sent[0]}`);
  }
  for (const [id, count] of answers) assert.ok(count <= (atMost.get(id)?.length ?? 0), `${count} answers to ${id}`);
  return calls;
}

function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024);
}
