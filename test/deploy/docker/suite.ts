import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputOf } from '../../support/child.ts';
import { run } from './command.ts';
import type { Engine } from './engine.ts';

const TIMEOUT_MS = 300_000;

/**
 * Runs a part of the test suite with nothing but docker on the PATH: no Redis of this machine, and no way to install one.
 * Resolves to what it said of its services and to its totals; rejects when a test fails.
 */
export async function runSuiteInContainers(parts: readonly string[], engine: Engine): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'voltgate-path-'));
  const { REDIS_URL: _, POSTGRES_URL: __, DATABASE_URL: ___, NODE_TEST_CONTEXT: ____, ...rest } = engine.env;
  const lines: string[] = [];
  try {
    await symlink((await outputOf('sh', ['-c', 'command -v docker']))?.trim() ?? '', join(folder, 'docker'));
    await run(process.execPath, ['test/bootstrap.mjs', 'test/run.ts', ...parts], {
      // The container that cleans up behind killed runs cannot be pulled where the others cannot.
      env: { ...rest, PATH: folder, TESTCONTAINERS_RYUK_DISABLED: 'true' },
      timeoutMs: TIMEOUT_MS,
      onLine: (line) => lines.push(line),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return lines.filter((line) => /^(?:Postgres|Redis|ℹ (?:pass|fail|skipped)) ?/.test(line)).join('\n');
}
