import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readCommandLine } from '../../support/charge-point/cli-options.ts';
import { QUIRKS } from '../../support/charge-point/quirks.ts';
import { scriptedCentralSystem } from './scripted-central-system.ts';

const run = promisify(execFile);
const cli = fileURLToPath(new URL('../../support/charge-point/cli.ts', import.meta.url));
const charger = (...args: string[]) => run(process.execPath, ['--import', 'tsx', cli, ...args], { timeout: 30_000 });

test('the command line runs sessions against a central system and prints the report', async (t) => {
  const central = await scriptedCentralSystem(t);
  const { stdout } = await charger(
    ...['--url', central.url, '--id', 'CLI1', '--password', 'secret', '--sessions', '2', '--session-seconds', '600'],
    ...['--meter-interval', '300', '--speed', '20000', '--id-tag', 'TAG7', '--quirk', 'kwh', '--quiet'],
  );
  const report = JSON.parse(stdout);
  assert.deepEqual([report.chargePointId, report.transactions.length, report.dropped], ['CLI1', 2, 0]);
  assert.equal(central.calls('StartTransaction')[0]?.payload.idTag, 'TAG7');
  assert.equal(central.calls('MeterValues').length, 4);
});

test('help names every option and every quirk', () => {
  const asked = readCommandLine(['--help']);
  assert.ok('print' in asked && asked.exitCode === 0);
  for (const quirk of Object.keys(QUIRKS)) assert.ok(asked.print.includes(quirk), quirk);
});

test('a mistake on the command line is explained with exit code 2', () => {
  for (const [args, reason] of [
    [[], /--url and --id are needed/],
    [['--url', 'http://x', '--id', 'A'], /ws:\/\/ or wss:\/\//],
    [['--url', 'ws://x', '--id', 'A', '--quirk', 'dances'], /unknown quirk: dances/],
    [['--url', 'ws://x', '--id', 'A', '--speed', 'fast'], /--speed must be a number/],
    [['--dance'], /--dance/],
  ] as const) {
    const asked = readCommandLine(args);
    assert.ok('print' in asked);
    assert.equal(asked.exitCode, 2);
    assert.match(asked.print, reason);
  }
});
