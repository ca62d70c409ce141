/** `npm start`: a whole Voltgate on this machine, and chargers that live a day in it. */
import { join } from 'node:path';
import { killAllChildren } from '../support/child.ts';
import { stateFolder } from '../support/project.ts';
import { launch } from './launch.ts';
import { takeLock } from './lock.ts';
import { readOptions, usage } from './options.ts';
import { createReport } from './report.ts';

/** One Ctrl-C may arrive more than once: from the terminal and from npm. Later it is a second one, meant seriously. */
const SAME_SIGNAL_MS = 1_000;

const stopping = new AbortController();
let stoppingSince = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stoppingSince ||= performance.now();
    stopping.abort();
    if (performance.now() - stoppingSince < SAME_SIGNAL_MS) return;
    killAllChildren();
    process.exit(130);
  });
}
// A reader that went away (`| head`) is no reason to leave processes behind.
process.stdout.on('error', () => stopping.abort());

process.exitCode = await main().catch((error: unknown) => {
  if (stopping.signal.aborted && stopping.signal.reason === error) return 0;
  console.error(`npm start: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
});

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const unlock = await takeLock(join(stateFolder, 'start.pid'), 'local/start.ts');
  if (typeof unlock === 'number') throw new Error(`it already runs in this folder, as process ${unlock}`);
  try {
    await launch(options, createReport(options.json), stopping.signal);
    return 0;
  } finally {
    await unlock();
  }
}
