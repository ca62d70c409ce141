/**
 * `npm test [-- files or parts of their paths] [--grep <pattern>] [--concurrency N]`: starts Postgres and Redis once,
 * runs the tests against them, and ends with the runner's totals.
 */
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { projectFolder } from './support/project.ts';
import { servicesForTests } from './support/services.ts';

const FOLDERS = ['unit', 'contracts', 'scenarios', 'chaos'];
/** Longer than any honest test; a hung one is reported instead of stopping the run. */
const TEST_TIMEOUT_MS = 1_200_000;
const TOTALS = /^ℹ (?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /;

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
  const flags = [`--test-concurrency=${values.concurrency}`, `--test-timeout=${TEST_TIMEOUT_MS}`];
  if (values.grep) flags.push(`--test-name-pattern=${values.grep}`);
  const { code, totals } = await runTests([...flags, ...files], {
    POSTGRES_URL: postgres.url,
    ...(typeof redis === 'string' ? {} : { REDIS_URL: redis.url }),
  }).finally(services.stop);
  for (const line of totals) console.log(line);
  return code;
}

async function testFiles(parts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const folder of FOLDERS) {
    const path = join(projectFolder, 'test', folder);
    const names = await readdir(path, { recursive: true }).catch(() => []);
    found.push(...names.filter((name) => /\.test\.m?ts$/.test(name)).map((name) => join(path, name)));
  }
  const wanted = parts.map((part) => part.replace(/^\.\//, ''));
  const matches = (file: string) => {
    const shown = relative(projectFolder, file).split(sep).join('/');
    return wanted.length === 0 || wanted.some((part) => shown.includes(part));
  };
  return found.filter(matches).sort();
}

/** Runs node:test; passes its report on, but keeps the totals, so that they can stand at the end. */
async function runTests(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly totals: readonly string[] }> {
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
  let totals: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const plain = stripVTControlCharacters(line);
    // A second block replaces the first: tests that run tests print their own.
    if (plain.startsWith('ℹ tests ')) totals = [];
    if (TOTALS.test(plain)) totals.push(plain);
    else console.log(line);
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  return { code, totals };
}
