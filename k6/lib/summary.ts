import { settings } from './settings.ts';

type Metric = {
  readonly type: string;
  readonly values: Readonly<Record<string, number>>;
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
};
type Data = {
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly state: { readonly testRunDurationMs: number };
};

const SHOWN = /^(?:ocpp_|reconciled_|lost_|duplicated_|undelivered|http_req_duration$|http_req_failed$|data_)/;

/** For `handleSummary`: a readable page on standard output, and everything as JSON in SUMMARY_FILE where that is set. */
export function summarize(data: Data): Record<string, string> {
  const lines = Object.entries(data.metrics)
    .filter(([name, { values }]) => SHOWN.test(name) && (values.count !== 0 || /^(?:lost|dupl|undel)/.test(name)))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, metric]) => line(name, metric));
  const failed = failedOf(data);
  const verdict = failed.length === 0 ? 'passed' : `FAILED: ${failed.join(', ')}`;
  const seconds = Math.round(data.state.testRunDurationMs / 1_000);
  const page = `\n${lines.join('\n')}\n\n${seconds} s, ${verdict}\n`;
  return {
    stdout: page,
    ...(settings.summaryFile && { [settings.summaryFile]: JSON.stringify(data, null, 2) }),
  };
}

function failedOf({ metrics }: Data): string[] {
  return Object.entries(metrics).flatMap(([name, { thresholds = {} }]) =>
    Object.entries(thresholds).flatMap(([threshold, { ok }]) => (ok ? [] : [`${name} ${threshold}`])),
  );
}

function line(name: string, { type, values }: Metric): string {
  const shown =
    type === 'trend' ? trend(values) : type === 'rate' ? `${values.rate}` : `${values.count ?? values.value}`;
  return `  ${name.padEnd(48, '.')} ${shown}`;
}

function trend(values: Readonly<Record<string, number>>): string {
  return ['med', 'p(95)', 'p(99)', 'max']
    .map((key) => `${key} ${(values[key] ?? 0).toFixed(1)}`)
    .concat(`count ${values.count ?? 0}`)
    .join('  ');
}
