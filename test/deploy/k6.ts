import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, outputOf, startChild } from '../support/child.ts';
import { projectFolder } from '../support/project.ts';

type Metric = { readonly values: Readonly<Record<string, number>> };

/** What a run of k6 came to. */
export type K6Result = {
  /** 0, or 99 when a threshold was crossed. */
  readonly code: number | null;
  readonly output: string;
  /** A value of a metric of the summary, 0 when it was never counted. */
  value(metric: string, statistic?: string): number;
};

/** A k6 that runs. */
export type K6Run = { readonly child: Child; readonly result: Promise<K6Result>; stop(): Promise<void> };

const STOP_MS = 30_000;

/** Where k6 is: on the PATH or where `go install` puts it; undefined when it is not there. */
export async function findK6(): Promise<string | undefined> {
  const go = process.env.GOBIN ?? join(process.env.GOPATH ?? join(homedir(), 'go'), 'bin');
  for (const command of ['k6', join(go, 'k6')]) if (await outputOf(command, ['version'])) return command;
  return undefined;
}

/** Starts one of the scripts of k6/ with these settings. */
export async function startK6(script: string, env: Readonly<Record<string, string>>): Promise<K6Run> {
  const command = await findK6();
  if (command === undefined) throw new Error('k6 is missing');
  const folder = await mkdtemp(join(tmpdir(), 'voltgate-k6-'));
  const summaryFile = join(folder, 'summary.json');
  const lines: string[] = [];
  // Any port for its own API: two runs at one time would want the same.
  const args = ['run', '--quiet', '--address', '127.0.0.1:0', join(projectFolder, 'k6', `${script}.ts`)];
  const child = await startChild(script, command, args, {
    cwd: projectFolder,
    env: { PATH: process.env.PATH, HOME: folder, SUMMARY_FILE: summaryFile, ...env },
    onLine: (line) => lines.push(line),
  });

  async function result(): Promise<K6Result> {
    const { code } = await child.ended;
    const text = await readFile(summaryFile, 'utf8').catch(() => '{"metrics":{}}');
    await rm(folder, { recursive: true, force: true });
    const { metrics } = JSON.parse(text) as { readonly metrics: Readonly<Record<string, Metric>> };
    return {
      code,
      output: lines.join('\n'),
      value: (metric, statistic = 'count') => metrics[metric]?.values[statistic] ?? 0,
    };
  }

  return {
    child,
    result: result(),
    stop: async () => void (await child.stop({ signal: 'SIGINT', timeoutMs: STOP_MS })),
  };
}
