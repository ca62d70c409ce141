/**
 * Runs a TypeScript entry of this repository on the pinned Node.js, installing the dependencies first when they are
 * missing: `node test/bootstrap.mjs <entry.ts> [arguments]`. Plain JavaScript without dependencies, for any Node.js
 * from 18 up. Progress goes to stderr; stdout belongs to the entry.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { endWithUs } from './support/end-with-us.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === 'win32';
/** npm hands on a Ctrl-C that the terminal has already delivered: within this time it is one and the same. */
const SAME_SIGNAL_MS = 500;

const [entry, ...args] = process.argv.slice(2);
if (!entry) {
  console.error('usage: node test/bootstrap.mjs <entry.ts> [arguments]');
  process.exit(2);
}
if (!installed()) await install();
process.exitCode = await run(resolve(root, entry), args);

/** True when node_modules was made from this very lockfile and the pinned Node.js is there. */
function installed() {
  const made = join(root, 'node_modules/.pnpm/lock.yaml');
  if (!existsSync(made) || !existsSync(nodeBinary())) return false;
  if (!existsSync(join(root, 'test/node_modules'))) return false;
  return readFileSync(made).equals(readFileSync(join(root, 'pnpm-lock.yaml')));
}

function nodeBinary() {
  return join(root, 'node_modules/node/bin', windows ? 'node.exe' : 'node');
}

async function install() {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // The lockfile's digest of pnpm itself ("pnpm@1.2.3+sha512...") is none of npx's business.
  const pnpm = String(packageManager).split('+')[0];
  console.error(`Installing dependencies with ${pnpm} (once; a minute or two) ...`);
  const startedAt = Date.now();
  const reporter = process.stderr.isTTY ? 'default' : 'append-only';
  // It is the pinned version already: pnpm need not look for itself, which it would want to note in the lockfile.
  const command = ['--yes', pnpm, 'install', '--frozen-lockfile', '--pm-on-fail=ignore', `--reporter=${reporter}`];
  const child = spawn(windows ? 'npx.cmd' : 'npx', command, {
    cwd: root,
    // Both streams to stderr: stdout may be read by a program.
    stdio: ['ignore', 2, 2],
    shell: windows,
    // Without CI pnpm may stop to ask before it replaces a node_modules of another make.
    env: { ...process.env, CI: 'true' },
  });
  const { code, signal, error } = await ended(child);
  if (error) fail(`Could not run npx: ${error.message}`);
  if (signal) process.exit(128 + (constants.signals[signal] ?? 0));
  if (code !== 0) fail(`Installing the dependencies failed: ${pnpm} ended with ${code}.`);
  if (!existsSync(nodeBinary())) fail('The dependencies are installed, but the pinned Node.js is not among them.');
  console.error(`Dependencies installed in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
}

async function run(file, fileArgs) {
  const tsx = pathToFileURL(createRequire(join(root, 'package.json')).resolve('tsx')).href;
  // Its own process group: a signal reaches it once, by our hand.
  const child = spawn(nodeBinary(), ['--import', tsx, '--conditions=development', file, ...fileArgs], {
    cwd: root,
    stdio: 'inherit',
    detached: !windows,
  });
  endWithUs(child, 'SIGTERM');
  const last = new Map();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      const now = Date.now();
      if (now - (last.get(signal) ?? 0) < SAME_SIGNAL_MS) return;
      last.set(signal, now);
      child.kill(signal);
    });
  }
  endWithNpm(child);
  const { code, signal, error } = await ended(child);
  if (error) fail(`Could not run ${nodeBinary()}: ${error.message}`);
  return signal ? 128 + (constants.signals[signal] ?? 0) : (code ?? 1);
}

/** npm that was killed outright passes nothing on; only our parent's id tells. */
function endWithNpm(child) {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    child.kill('SIGTERM');
  }, 500);
  timer.unref();
}

function ended(child) {
  return new Promise((done) => {
    child.once('error', (error) => done({ error }));
    child.once('exit', (code, signal) => done({ code, signal }));
  });
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
