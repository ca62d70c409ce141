/** A value of the chart as `values.yaml` documents it. */
export type ChartValue = { readonly path: string; readonly default: string; readonly description: string };

export const BEGIN = '<!-- values: generated from values.yaml -->';
export const END = '<!-- /values -->';

const COMMENT = /^ *# -- (.*)$/;
const KEY = /^( *)([A-Za-z]\w*):(?: (.*))?$/;

/**
 * Reads the values with a `# -- ` comment of one line above them; what stands below such a value is its default. Throws
 * naming the values without a comment.
 */
export function readChartValues(yaml: string): ChartValue[] {
  const values: ChartValue[] = [];
  const undocumented: string[] = [];
  const lines = yaml.split('\n');
  let parents: { readonly indent: number; readonly name: string }[] = [];
  let description: string | undefined;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const comment = COMMENT.exec(line);
    if (comment) description = comment[1];
    const [, spaces, name, inline] = KEY.exec(line) ?? [];
    if (spaces === undefined || name === undefined) continue;
    parents = [...parents.filter(({ indent }) => indent < spaces.length), { indent: spaces.length, name }];
    const path = parents.map((parent) => parent.name).join('.');
    if (description === undefined) {
      if (inline) undocumented.push(path);
      continue;
    }
    const below = inline ? [] : blockBelow(lines, at, spaces.length);
    values.push({ path, default: inline ?? below.map((text) => text.trim()).join('; '), description });
    at += below.length;
    description = undefined;
  }
  if (undocumented.length > 0) throw new Error(`values.yaml says nothing about ${undocumented.join(', ')}`);
  return values;
}

/** The table between the marks of the chart's README, made anew. Throws when the marks are missing. */
export function withValuesTable(readme: string, values: readonly ChartValue[]): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`the chart's README lacks ${BEGIN} ... ${END}`);
  const rows = values.map(
    (value) => `| \`${value.path}\` | \`${escaped(value.default)}\` | ${escaped(value.description)} |`,
  );
  const table = ['| Value | Default | What it does |', '| --- | --- | --- |', ...rows].join('\n');
  return `${readme.slice(0, begin + BEGIN.length)}\n${table}\n${readme.slice(end)}`;
}

function blockBelow(lines: readonly string[], at: number, indent: number): string[] {
  const below: string[] = [];
  for (const line of lines.slice(at + 1)) {
    if (line.trim() === '' || line.search(/\S/) <= indent) break;
    below.push(line);
  }
  return below;
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|');
}
