import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { endWithUs } from './end-with-us.mjs';

/** How a child process ended. `error` when it could not even start. */
export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly error?: Error };

/** A running child process whose output is read and whose end is known. */
export type Child = {
  readonly name: string;
  readonly pid: number;
  readonly process: ChildProcess;
  /** Resolves when it is gone; never rejects. */
  readonly ended: Promise<Ended>;
  /** How it ended, undefined while it runs. */
  end(): Ended | undefined;
  /** The last lines it wrote, both streams. */
  output(): readonly string[];
  /** Sends the signal (default its `stopSignal`), gives it `timeoutMs`, then SIGKILL. Resolves when it is gone. */
  stop(options?: { readonly signal?: NodeJS.Signals; readonly timeoutMs?: number }): Promise<Ended>;
};

const LINES_KEPT = 200;
const running = new Set<ChildProcess>();

/** The last resort: SIGKILL to every child still running. */
export function killAllChildren(): void {
  for (const child of running) child.kill('SIGKILL');
}

/**
 * Starts a process in a group of its own, so that Ctrl-C in the terminal reaches only the one who is in charge. It ends with
 * us by its `stopSignal` (default SIGTERM), however suddenly we end. `onLine` sees every line of both streams. Rejects when
 * the program cannot be started.
 */
export async function startChild(
  name: string,
  command: string,
  args: readonly string[],
  options: SpawnOptions & {
    readonly ipc?: boolean;
    readonly stopSignal?: NodeJS.Signals;
    readonly onLine?: (line: string) => void;
  } = {},
): Promise<Child> {
  const { ipc = false, stopSignal = 'SIGTERM', onLine, ...spawnOptions } = options;
  const child = spawn(command, args, {
    detached: process.platform !== 'win32',
    ...spawnOptions,
    stdio: ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  endWithUs(child, stopSignal);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > LINES_KEPT) lines.shift();
      onLine?.(line);
    });
  }
  let end: Ended | undefined;
  const ended = new Promise<Ended>((resolve) => {
    const settle = (how: Ended) => {
      end ??= how;
      running.delete(child);
      resolve(end);
    };
    child.once('error', (error) => settle({ code: null, signal: null, error }));
    child.once('exit', (code, signal) => settle({ code, signal }));
  });
  if (child.pid === undefined) throw new Error(`${name} cannot be started`, { cause: (await ended).error });
  return {
    name,
    pid: child.pid,
    process: child,
    ended,
    end: () => end,
    output: () => lines,
    async stop({ signal = stopSignal, timeoutMs = 10_000 } = {}) {
      if (end) return end;
      child.kill(signal);
      // A stopped process (SIGSTOP) acts on nothing else but these two.
      child.kill('SIGCONT');
      const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
      const how = await ended;
      clearTimeout(timer);
      return how;
    },
  };
}

/** One sentence on how a process ended. */
export function howItEnded(name: string, { code, signal, error }: Ended): string {
  if (error) return `${name} could not be started: ${error.message}`;
  return signal ? `${name} was ended by ${signal}` : `${name} ended with exit code ${code}`;
}

/** Resolves to stdout of a short command, undefined when it fails or takes longer than `timeoutMs`. */
export async function outputOf(
  command: string,
  args: readonly string[],
  timeoutMs = 10_000,
): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    const settle = (result: string | undefined) => {
      clearTimeout(timer);
      resolve(result);
    };
    child.once('error', () => settle(undefined));
    child.once('close', (code) => settle(code === 0 ? text : undefined));
  });
}

/** The command line of a process, undefined when there is no such process. */
export async function commandOf(pid: number): Promise<string | undefined> {
  // A bare Linux has no ps.
  const text =
    process.platform === 'linux'
      ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
      : await outputOf('ps', ['-o', 'args=', '-p', String(pid)]);
  return text?.replaceAll('\0', ' ').trim() || undefined;
}
