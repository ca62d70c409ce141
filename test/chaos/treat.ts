import { readdirSync, readFileSync } from 'node:fs';

/** Sends a signal to a process and all its descendants, so that a paused server is paused as a whole. */
export function signalTree(pid: number, signal: NodeJS.Signals): void {
  for (const each of [pid, ...descendants(pid)]) {
    try {
      process.kill(each, signal);
    } catch (error) {
      // Gone in the meantime: then there is nothing to treat.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** Stops a server dead (SIGSTOP: its sockets stay open and silent) for a while. */
export async function pauseServer(pid: number, durationMs: number): Promise<void> {
  signalTree(pid, 'SIGSTOP');
  await wait(durationMs);
  signalTree(pid, 'SIGCONT');
}

export const wait = (durationMs: number) => new Promise<void>((resolve) => setTimeout(resolve, durationMs));

/** Every descendant of a process, by /proc. */
export function descendants(root: number): number[] {
  const parents = readdirSync('/proc')
    .map(Number)
    .filter(Number.isInteger)
    .map((pid) => [pid, parentOf(pid)] as const);
  const found: number[] = [];
  for (const pids = [root]; pids.length > 0; ) {
    const parent = pids.pop();
    const children = parents.filter(([, each]) => each === parent).map(([pid]) => pid);
    found.push(...children);
    pids.push(...children);
  }
  return found;
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
