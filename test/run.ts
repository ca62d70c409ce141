/**
 * `npm test [-- files or parts of their paths] [--grep <pattern>] [--concurrency N]`: starts Postgres and Redis once,
 * runs the tests against them, and ends with the runner's totals. What deploys and loads whole systems comes last and alone.
 */
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { projectFolder } from './support/project.ts';
import { servicesForTests } from './support/services.ts';

const FOLDERS = ['unit', 'contracts', 'scenarios', 'chaos', 'deploy'];
/** These keep both cores busy by themselves. */
const ALONE = /^test\/deploy\//;
/** `﹣ name (0.1ms) # reason` */
const SKIPPED = /^\s*﹣ (.*) \([\d.]+ms\) # (.*)$/;
/** Longer than any honest test; a hung one is reported instead of stopping the run. */
const TEST_TIMEOUT_MS = 1_200_000;
const TOTALS = /^ℹ (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/;

// A reader that went away (`| head`) must not keep the services from being stopped.
process.stdout.on('error', () => undefined);

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 1;
});

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { grep: { type: 'string' }, concurrency: { type: 'string', default: '2' } },
  });
  const files = await testFiles(positionals);
  if (files.length === 0) throw new Error(`no test file matches ${positionals.join(' ') || FOLDERS.join(', ')}`);
  const services = await servicesForTests((text) => console.log(text));
  const { postgres, redis } = services;
  console.log(`Postgres: ${postgres.where}`);
  console.log(
    typeof redis === 'string' ? `Redis: none, and what needs it cannot run: ${redis}` : `Redis: ${redis.where}`,
  );
  const flags = [`--test-timeout=${TEST_TIMEOUT_MS}`];
  if (values.grep) flags.push(`--test-name-pattern=${values.grep}`);
  const env = { POSTGRES_URL: postgres.url, ...(typeof redis === 'string' ? {} : { REDIS_URL: redis.url }) };
  const alone = files.filter((file) => ALONE.test(shown(file)));
  const together = files.filter((file) => !alone.includes(file));
  const sums = new Map<string, number>();
  const notRun: string[] = [];
  let failed = 0;
  try {
    for (const [some, concurrency] of [
      [together, values.concurrency],
      [alone, '1'],
    ] as const) {
      if (some.length === 0) continue;
      const { code, totals, skipped } = await runTests([...flags, `--test-concurrency=${concurrency}`, ...some], env);
      failed ||= code;
      notRun.push(...skipped);
      for (const [name, count] of totals) sums.set(name, (sums.get(name) ?? 0) + count);
    }
  } finally {
    await services.stop();
  }
  for (const why of notRun) console.log(`not run: ${why}`);
  for (const [name, sum] of sums) console.log(`ℹ ${name} ${sum}`);
  return failed;
}

async function testFiles(parts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const folder of FOLDERS) {
    const path = join(projectFolder, 'test', folder);
    const names = await readdir(path, { recursive: true }).catch(() => []);
    found.push(...names.filter((name) => /\.test\.m?ts$/.test(name)).map((name) => join(path, name)));
  }
  const wanted = parts.map((part) => part.replace(/^\.\//, ''));
  const matches = (file: string) => wanted.length === 0 || wanted.some((part) => shown(file).includes(part));
  return found.filter(matches).sort();
}

/** Its path in the project, with slashes. */
function shown(file: string): string {
  return relative(projectFolder, file).split(sep).join('/');
}

/** Runs node:test; passes its report on, but keeps the totals, so that they can stand at the end. */
async function runTests(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{
  readonly code: number;
  readonly totals: ReadonlyMap<string, number>;
  /** Names and reasons. */
  readonly skipped: readonly string[];
}> {
  const { DATABASE_URL: _, ...inherited } = process.env;
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=development', '--test', '--test-reporter=spec', ...args],
    {
      cwd: projectFolder,
      env: { ...inherited, ...env, ...(process.stdout.isTTY && { FORCE_COLOR: '1' }) },
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: process.platform !== 'win32',
    },
  );
  const stop = () => {
    // The whole group: the runner and the processes of the test files. `pid` is there, or there would be no child.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  let totals = new Map<string, number>();
  const skipped: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const plain = stripVTControlCharacters(line);
    // A second block replaces the first: tests that run tests print their own.
    const [, name, count] = TOTALS.exec(plain) ?? [];
    if (name === 'tests') totals = new Map();
    if (name === undefined) console.log(line);
    else totals.set(name, Number(count));
    const [, test, why] = SKIPPED.exec(plain) ?? [];
    if (test !== undefined) skipped.push(`${test}: ${why}`);
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  return { code, totals, skipped };
}
