import { type Ended, howItEnded, outputOf, startChild } from '../../support/child.ts';
import { projectFolder } from '../../support/project.ts';

type Options = {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly timeoutMs?: number;
  /** Sees every line of both streams. */
  readonly onLine?: (line: string) => void;
};

/** What a command wrote (both streams, its last lines) and how it ended. */
export type Outcome = Ended & { readonly lines: readonly string[] };

/** Runs a command to its end, SIGKILL after `timeoutMs` (default a quarter of an hour). Rejects only when it cannot be started. */
export async function outcomeOf(command: string, args: readonly string[], options: Options = {}): Promise<Outcome> {
  const { timeoutMs = 900_000, cwd = projectFolder, env = process.env, onLine } = options;
  const child = await startChild(command, command, args, { cwd, env, ...(onLine && { onLine }) });
  const timer = setTimeout(() => void child.stop({ signal: 'SIGKILL' }), timeoutMs);
  const end = await child.ended;
  clearTimeout(timer);
  return { ...end, lines: child.output() };
}

/** Runs a command and resolves to its last lines; rejects with them unless it exits with 0. */
export async function run(command: string, args: readonly string[], options: Options = {}): Promise<readonly string[]> {
  const { lines, ...end } = await outcomeOf(command, args, options);
  if (end.code === 0) return lines;
  const shown = `${command} ${args.slice(0, 4).join(' ')}`;
  throw new Error(`${howItEnded(shown, end)}; its last lines:\n${lines.slice(-25).join('\n')}`);
}

/** True when the program is on the PATH. */
export async function isOnPath(program: string): Promise<boolean> {
  return (await outputOf('sh', ['-c', `command -v ${program}`])) !== undefined;
}
