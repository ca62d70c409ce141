import { join } from 'node:path';
import { type Child, howItEnded, startChild } from './child.ts';
import { projectFolder } from './project.ts';

/** The entries of Voltgate, relative to the project folder. */
export const entries = {
  gateway: 'gateway/src/main.ts',
  standalone: 'gateway/src/standalone.ts',
  worker: 'worker/src/main.ts',
  migrations: 'migrations/src/main.ts',
} as const;

/** What a program said of itself when it was ready. */
export type Ready = {
  readonly gatewayId?: string;
  readonly workerId?: string;
  readonly ocppUrl?: string;
  readonly apiUrl?: string;
  readonly opsUrl?: string;
};

/** A running program of Voltgate. */
export type Program = { readonly child: Child; readonly ready: Ready };

type Options = {
  readonly entry: string;
  readonly env: Readonly<Record<string, string>>;
  /** Sees every line of output. */
  readonly log?: (line: string) => void;
  readonly timeoutMs?: number;
};

const LINES_SHOWN = 30;
/** Seconds as a rule; a machine that starts twenty at once is slower. One that fails ends, and is known at once. */
const READY_MS = 300_000;

/** Starts a program as a real process and waits for its "ready" line. Rejects with its last lines when none comes. */
export async function startProgram(name: string, options: Options): Promise<Program> {
  let announce: (ready: Ready) => void = () => undefined;
  const ready = new Promise<Ready>((resolve) => {
    announce = resolve;
  });
  const child = await launch(name, options, (line) => {
    const said = readyLine(line);
    if (said) announce(said);
  });
  const timeoutMs = options.timeoutMs ?? READY_MS;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), timeoutMs);
  });
  const outcome = await Promise.race([
    ready.then((said) => ({ said })),
    child.ended.then((end) => ({ reason: howItEnded(name, end) })),
    late.then(() => ({ reason: `${name} was not ready within ${timeoutMs / 1000} s` })),
  ]);
  clearTimeout(timer);
  if ('said' in outcome) return { child, ready: outcome.said };
  await child.stop();
  throw failure(outcome.reason, child);
}

/** Runs a program to its end. Rejects with its last lines unless it exits with 0. */
export async function runProgram(name: string, options: Options): Promise<void> {
  const child = await launch(name, options);
  const end = await child.ended;
  if (end.code !== 0) throw failure(howItEnded(name, end), child);
}

async function launch(name: string, options: Options, onLine?: (line: string) => void): Promise<Child> {
  return await startChild(
    name,
    process.execPath,
    ['--import', 'tsx', '--conditions=development', join(projectFolder, options.entry)],
    {
      cwd: projectFolder,
      env: environment(options.env),
      onLine: (line) => {
        onLine?.(line);
        options.log?.(line);
      },
    },
  );
}

/** Ours without what the test runner and the programs' own settings would leak into a child. */
function environment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, DATABASE_URL: ___, REDIS_URL: ____, ...inherited } = process.env;
  const merged = { ...inherited, ...extra };
  // The ready line is one of level info: with a less talkative log it would never come.
  const level = ['trace', 'debug'].includes(merged.LOG_LEVEL ?? '') ? merged.LOG_LEVEL : 'info';
  return { ...merged, LOG_LEVEL: level };
}

function readyLine(line: string): Ready | undefined {
  if (!line.startsWith('{') || !line.includes('"ready"')) return undefined;
  try {
    const value = JSON.parse(line) as Ready & { readonly msg?: unknown };
    return value.msg === 'ready' ? value : undefined;
  } catch {
    // Half a line of someone else's output.
    return undefined;
  }
}

function failure(reason: string, child: Child): Error {
  const last = child.output().slice(-LINES_SHOWN);
  return new Error(last.length > 0 ? `${reason}; its last lines:\n${last.join('\n')}` : `${reason} without a word`);
}
