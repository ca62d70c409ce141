import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { startChild } from '../support/child.ts';
import { undoAfter } from '../support/cleanup.ts';
import { projectFolder } from '../support/project.ts';
import { until } from '../support/until.ts';

type Line = { readonly event: string; readonly [field: string]: unknown };

/** Neither is in a fresh clone. */
const NOT_COPIED = new Set(['node_modules', 'dist', '.voltgate', '.git']);
const INSTALL_AND_START_MS = 300_000;

for (const [mode, args] of [
  ['cluster', []],
  ['standalone', ['--standalone']],
] as const) {
  test(`npm start in an empty folder shows a charge with the charger's own energy: ${mode}`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'voltgate-start-'));
    undoAfter(t, () => rm(folder, { recursive: true, force: true }));
    await cp(projectFolder, folder, { recursive: true, filter: (path) => !NOT_COPIED.has(basename(path)) });
    const lines: Line[] = [];
    const npm = await startChild('npm start', 'npm', ['start', '--', '--json', '--port', '0', ...args], {
      cwd: folder,
      onLine: (line) => line.startsWith('{') && lines.push(JSON.parse(line) as Line),
    });
    undoAfter(t, () => npm.stop({ timeoutMs: 120_000 }));
    const transaction = () => lines.find(({ event }) => event === 'transaction');
    await until(() => transaction() ?? npm.end(), { what: 'a finished transaction', withinMs: INSTALL_AND_START_MS });
    const shown = transaction();
    assert.ok(shown, npm.output().slice(-10).join('\n'));
    assert.equal(lines.find(({ event }) => event === 'ready')?.mode, mode);
    assert.equal(shown.same, true, JSON.stringify(shown));
    assert.ok(Number(shown.chargerEnergyWh) > 0);
    t.diagnostic(`${shown.apiEnergyWh} Wh by the API, ${shown.chargerEnergyWh} Wh by the charger`);
    const { code } = await npm.stop({ signal: 'SIGINT', timeoutMs: 120_000 });
    assert.equal(code, 0, npm.output().slice(-10).join('\n'));
  });
}
