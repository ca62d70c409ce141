import type { ChildProcess } from 'node:child_process';

/** When this process is gone, even by SIGKILL, the child gets the signal, and SIGKILL if that is not enough. */
export function endWithUs(child: ChildProcess, signal: NodeJS.Signals): void;
