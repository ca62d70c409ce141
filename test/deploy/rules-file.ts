import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from '../support/project.ts';

/** A rule as far as the checks look at it. */
export type Rule = {
  readonly kind: 'alert' | 'record';
  readonly name: string;
  readonly expression: string;
  readonly severity: string;
  readonly summary: string;
  readonly description: string;
  readonly runbookUrl: string;
};

/** The rules that chart and compose file use. */
export const rulesFile: string = join(projectFolder, 'helm', 'files', 'rules.yaml');

/** Reads the rules: the file keeps every value on the line of its key, which spares a YAML reader. */
export async function readRules(): Promise<readonly Rule[]> {
  const text = await readFile(rulesFile, 'utf8');
  return text
    .split(/^ {6}- /m)
    .slice(1)
    .map((rule) => {
      const [, kind = '', name = ''] = /^(alert|record): (\S+)$/m.exec(rule) ?? [];
      return {
        kind: kind === 'alert' ? 'alert' : 'record',
        name,
        expression: textOf(rule, 'expr'),
        severity: textOf(rule, 'severity'),
        summary: textOf(rule, 'summary'),
        description: textOf(rule, 'description'),
        runbookUrl: textOf(rule, 'runbook_url'),
      };
    });
}

function textOf(rule: string, key: string): string {
  const value = new RegExp(`^\\s*${key}: (.*)$`, 'm').exec(rule)?.[1] ?? '';
  return value.replace(/^'(.*)'$/, '$1').replaceAll("''", "'");
}
