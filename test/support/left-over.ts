import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { commandOf } from './child.ts';

/** True while a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie answers signals but runs nothing; its parent has merely not looked yet.
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Ends what a killed run left behind: the process whose id is the first line of `pidFile`, if its command line still
 * contains `mark` (ids are reused). Resolves to its id when there was one and it is gone now.
 */
export async function endLeftOver(pidFile: string, mark: string, signal: NodeJS.Signals): Promise<number | undefined> {
  const text = await readFile(pidFile, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  if (!(pid > 1) || !isAlive(pid)) return undefined;
  if (!(await commandOf(pid))?.includes(mark)) return undefined;
  process.kill(pid, signal);
  const patienceEndsAt = Date.now() + 15_000;
  while (isAlive(pid)) {
    if (Date.now() > patienceEndsAt) process.kill(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return pid;
}

function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    // Gone between the two looks.
    return true;
  }
}
