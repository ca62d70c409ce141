import { readFileSync } from 'node:fs';
import { descendants } from '../chaos/treat.ts';

const TICKS_PER_SECOND = 100;

/** CPU seconds (user and system) a process and all its descendants have used. Linux. */
export function cpuSeconds(pid: number): number {
  return [pid, ...descendants(pid)].reduce((sum, each) => sum + ticks(each), 0) / TICKS_PER_SECOND;
}

function ticks(pid: number): number {
  const fields = statOf(pid);
  // utime, stime, and those of children already waited for.
  return fields ? Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]) : 0;
}

/** Fields from the third on: the second, the name, may hold blanks. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
