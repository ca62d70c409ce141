/** docs/operations.md, done as a new user would: its blocks in their order, on plain processes in an empty folder. */
import assert from 'node:assert/strict';
import { chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { killAllChildren, startChild } from '../support/child.ts';
import { freePort } from '../support/free-port.ts';
import { isAlive } from '../support/left-over.ts';
import { projectFolder } from '../support/project.ts';
import { until } from '../support/until.ts';
import { accountForBlocks, missingFor, runBlock, runnableBlocks } from './runbook.ts';

const BLOCK_TIMEOUT_MS = 300_000;
const account = await accountForBlocks();
const skip = (await missingFor(account)) ?? false;
if (skip) console.log(`The drills of docs/operations.md are not run: ${skip}`);
const blocks = await runnableBlocks('docs/operations.md');

describe('docs/operations.md', { skip }, () => {
  const said = new Map<string, string>();
  let folder = '';
  let env: Record<string, string> = {};
  let broken: string | undefined;

  before(async () => {
    await build();
    folder = await mkdtemp(join(tmpdir(), 'voltgate-drills-'));
    if (account) await chown(folder, account.uid, account.gid);
    env = { VOLTGATE: projectFolder, DRAIN_DELAY_MS: '500', LANG: 'C', ...(await ports()) };
  });
  after(async () => {
    await endLeftOver(folder);
    await rm(folder, { recursive: true, force: true });
  });

  for (const block of blocks) {
    test(block.name, { timeout: BLOCK_TIMEOUT_MS }, async (t) => {
      if (broken !== undefined) return t.skip(`${broken} failed before it`);
      const { code, output } = await runBlock(block, folder, env, account, t.signal);
      said.set(block.name, output);
      if (code !== 0) {
        broken = block.name;
        assert.fail(`ended with ${code}\n${output}\n${await lastLines(folder)}`);
      }
    });
  }

  test('no energy is lost or counted twice by any of the drills', (t) => {
    if (broken !== undefined) return t.skip(`${broken} failed before it`);
    const [first, second] = [/^1\|[1-9][\d.]*$/, /^2\|[1-9][\d.]*$/];
    const linesOf = (name: string) => (said.get(name) ?? '').split('\n').filter((line) => /^\d+\|/.test(line));
    const [one, ...none] = linesOf('first-charger');
    assert.match(one ?? '', first);
    assert.deepEqual(none, []);
    assert.deepEqual(linesOf('restore'), [one, one]);
    const [two] = linesOf('restore-to-a-time');
    assert.match(two ?? '', second);
    assert.deepEqual(linesOf('restore-to-a-time'), [two, two]);
    assert.deepEqual(linesOf('drill-redis-empty'), [two]);
    assert.match(linesOf('after-drills')[0] ?? '', /^3\|/);
  });
});

async function build(): Promise<void> {
  const flags = ['--import', 'tsx', '--conditions=development', join(projectFolder, 'test', 'build.ts')];
  const child = await startChild('build', process.execPath, flags, { cwd: projectFolder });
  const { code } = await child.ended;
  assert.equal(code, 0, child.output().join('\n'));
}

/** A gateway takes three in a row in the document; any three free ones after a free one. */
async function ports(): Promise<Record<string, string>> {
  const base = 20_000 + (process.pid % 300) * 30;
  return {
    PGPORT: String(await freePort()),
    REDIS_PORT: String(await freePort()),
    GATEWAY_1: String(base),
    GATEWAY_2: String(base + 10),
    WORKER: String(base + 20),
  };
}

async function lastLines(folder: string): Promise<string> {
  const names = await readdir(join(folder, 'log')).catch(() => []);
  const logs = names.map(async (name) => {
    const lines = (await readFile(join(folder, 'log', name), 'utf8')).trimEnd().split('\n').slice(-12);
    return `--- ${name}\n${lines.join('\n')}`;
  });
  return (await Promise.all(logs)).join('\n');
}

/** A block that failed half way leaves what it started. */
async function endLeftOver(folder: string): Promise<void> {
  const files = (await readdir(join(folder, 'run')).catch(() => [])).filter((name) => name.endsWith('.pid'));
  for (const file of [...files.map((name) => join(folder, 'run', name)), join(folder, 'postgres', 'postmaster.pid')]) {
    const pid = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
    if (!(pid > 0) || !isAlive(pid)) continue;
    process.kill(pid, 'SIGCONT');
    process.kill(pid, file.endsWith('postmaster.pid') ? 'SIGQUIT' : 'SIGKILL');
    await until(() => !isAlive(pid), { what: `${file} has ended` });
  }
  killAllChildren();
}
