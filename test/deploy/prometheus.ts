import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { startChild } from '../support/child.ts';
import { undoAfter } from '../support/cleanup.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { rulesFile } from './rules-file.ts';

/** A real Prometheus with our rules. */
export type Prometheus = {
  /** What a query gives now: its series with their values. Throws when Prometheus refuses it. */
  query(
    expression: string,
  ): Promise<readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[]>;
};

/** Undefined, with the test skipped, where there is none. */
export async function startPrometheus(
  t: TestContext,
  targets: Readonly<Record<string, readonly string[]>>,
): Promise<Prometheus | undefined> {
  const { error } = spawnSync('prometheus', ['--version']);
  if (error) {
    t.skip(`prometheus is missing (Debian: apt-get install prometheus): ${error.message}`);
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), 'voltgate-prometheus-'));
  undoAfter(t, () => rm(folder, { recursive: true, force: true }));
  // The rules as they are, but nobody waits for minutes here.
  const rules = (await readFile(rulesFile, 'utf8')).replaceAll(/^( *for:) \w+$/gm, '$1 1s');
  await writeFile(join(folder, 'rules.yaml'), rules);
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(configurationOf(targets)));
  const port = await freePort();
  const child = await startChild('prometheus', 'prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  undoAfter(t, () => child.stop());
  const url = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(`${url}/-/ready`)).status === 200, { withinMs: 60_000, everyMs: 100 });
  return {
    async query(expression) {
      const response = await fetch(`${url}/api/v1/query`, {
        method: 'POST',
        body: new URLSearchParams({ query: expression }),
      });
      const { status, error, data } = (await response.json()) as {
        readonly status: string;
        readonly error?: string;
        readonly data: { readonly result: Awaited<ReturnType<Prometheus['query']>> };
      };
      if (status !== 'success') throw new Error(`${error}: ${expression}`);
      return data.result;
    },
  };
}

/** JSON is YAML. */
function configurationOf(targets: Readonly<Record<string, readonly string[]>>) {
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.yaml'],
    scrape_configs: Object.entries(targets).map(([job, urls]) => ({
      job_name: job,
      static_configs: [{ targets: urls.map((url) => new URL(url).host) }],
    })),
  };
}
