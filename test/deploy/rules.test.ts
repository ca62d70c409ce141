import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { projectFolder } from '../support/project.ts';
import { readRules, rulesFile } from './rules-file.ts';

const folder = join(projectFolder, 'test', 'deploy');
const alerts = (await readRules()).filter(({ kind }) => kind === 'alert');

test('Prometheus takes the rules', (t) => promtool(t, ['check', 'rules', rulesFile]));

test('every alert fires when it must, and only then', (t) => promtool(t, ['test', 'rules', 'rules.tests.yaml']));

test('every alert has a test in which it fires', async () => {
  const tests = await readFile(join(folder, 'rules.tests.yaml'), 'utf8');
  const fired = new Set([...tests.matchAll(/alertname="(\w+)"/g)].map(([, name]) => name));
  assert.deepEqual([...fired].sort(), alerts.map(({ name }) => name).sort());
});

test('every alert says how bad it is, what it means, and where its runbook is', async () => {
  assert.ok(alerts.length > 0);
  for (const { name, severity, summary, description, runbookUrl } of alerts) {
    assert.match(severity, /^(?:critical|warning|info)$/, name);
    assert.ok(summary.length > 10 && description.length > 20, name);
    assert.equal(runbookUrl, `docs/operations.md#${name.toLowerCase()}`);
  }
});

test('every alert has its runbook, and every runbook its alert', async () => {
  const text = await readFile(join(projectFolder, 'docs', 'operations.md'), 'utf8');
  const runbooks = [...text.matchAll(/^### (Voltgate\w+)\n([\s\S]*?)(?=^##|$(?![\s\S]))/gm)];
  assert.deepEqual(runbooks.map(([, name]) => name).sort(), alerts.map(({ name }) => name).sort());
  for (const [, name, body = ''] of runbooks) {
    for (const part of ['**Means**', '**Noticed by**', '**Look at**', '**Do**', '**Over when**'])
      assert.ok(body.includes(part), `the runbook of ${name} has no ${part}`);
  }
});

/** Runs promtool, or skips: it comes with Prometheus. */
function promtool(t: TestContext, args: readonly string[]): void {
  const { status, error, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
  if (error) return t.skip(`promtool is missing (Debian: apt-get install prometheus): ${error.message}`);
  assert.equal(status, 0, `${stdout}${stderr}`);
}
