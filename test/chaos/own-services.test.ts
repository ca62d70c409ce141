import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startChild } from '../support/child.ts';
import { undoAfter } from '../support/cleanup.ts';
import { isAlive } from '../support/left-over.ts';
import { removeOwnPostgres } from '../support/own-postgres.ts';
import { findRedis } from '../support/own-redis.ts';
import { projectFolder } from '../support/project.ts';
import { until } from '../support/until.ts';

/** A test that says whom it started, treats one of them badly, and gets no further. */
const KILLED = `
  const { startOwnPostgres } = await import('./test/support/own-postgres.ts');
  const { findRedis, startOwnRedis } = await import('./test/support/own-redis.ts');
  const folder = process.argv[1];
  const postgres = await startOwnPostgres(folder);
  const redis = await startOwnRedis(await findRedis(), folder + '/redis');
  process.kill(redis.child.pid, 'SIGSTOP');
  console.log(JSON.stringify([postgres.child.pid, redis.child.pid]));
  setInterval(() => undefined, 1_000);
`;

test('Postgres and Redis of a test end with it, however it ends', async (t) => {
  const redis = await findRedis();
  if (typeof redis === 'string') return t.skip(`no Redis of our own to leave behind: ${redis}`);
  const folder = await mkdtemp(join(tmpdir(), 'voltgate-killed-'));
  undoAfter(t, () => rm(folder, { recursive: true, force: true }));
  undoAfter(t, () => removeOwnPostgres(folder));
  const flags = ['--import', 'tsx', '--conditions=development', '--input-type=module'];
  const killed = await startChild('a test', process.execPath, [...flags, '-e', KILLED, folder], { cwd: projectFolder });
  undoAfter(t, () => killed.stop());
  const said = () => killed.output().find((line) => line.startsWith('['));
  await until(() => said() ?? killed.end(), { what: 'its services', withinMs: 120_000 });
  const pids = JSON.parse(said() ?? assert.fail(killed.output().join('\n'))) as number[];
  assert.deepEqual(pids.map(isAlive), [true, true]);
  await killed.stop({ signal: 'SIGKILL' });
  await until(() => !pids.some(isAlive), { what: 'both to be gone', withinMs: 60_000 });
});
