/**
 * Waits for the end of its standard input, which comes with the end of whoever started it, however sudden. Whatever is then
 * still on its list is asked to end, and made to after a minute. A line `<pid> <signal>` puts a process on the list, a line
 * `<pid>` takes it off.
 */
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 60_000;

const signals = new Map();
for await (const line of createInterface({ input: process.stdin })) {
  const [pid, signal] = line.split(' ');
  if (signal) signals.set(Number(pid), signal);
  else signals.delete(Number(pid));
}
for (const [pid, signal] of signals) {
  send(pid, signal);
  // A stopped process acts on nothing else but this and SIGKILL.
  send(pid, 'SIGCONT');
}
const patienceEndsAt = Date.now() + PATIENCE_MS;
while (signals.size > 0 && Date.now() < patienceEndsAt) {
  await sleep(100);
  // Ids are reused: whoever has gone is looked at no more.
  for (const pid of signals.keys()) if (!send(pid, 0)) signals.delete(pid);
}
for (const pid of signals.keys()) send(pid, 'SIGKILL');

/** False when there is no such process. */
function send(pid, signal) {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
