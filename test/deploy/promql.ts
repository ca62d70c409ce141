/** What a PromQL expression reads, as far as names go. */
export type Reading = {
  /** Series by name; the labels its selector names. */
  readonly series: readonly { readonly name: string; readonly labels: readonly string[] }[];
  /** Labels that are grouped or matched by. */
  readonly groupedBy: readonly string[];
};

const GROUPING = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g;
const SELECTOR = /([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}/g;
const TEXT = /"(?:[^"\\]|\\.)*"/g;
const RANGE = /\[[^\]]*\]/g;
/** A word that neither goes on nor is the name of a function. */
const WORD = /(?<![\w.:$])([a-zA-Z_:][\w:]*)(?![\w:]*\s*\()/g;
const KEYWORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'inf', 'nan']);

/** Reads the names out of an expression that is valid PromQL; that it is, only Prometheus itself can say. */
export function readExpression(expression: string): Reading {
  const series: { name: string; labels: string[] }[] = [];
  const groupedBy: string[] = [];
  const plain = expression
    .replace(TEXT, '""')
    .replace(RANGE, '')
    .replace(GROUPING, (_, labels: string) => {
      groupedBy.push(...words(labels));
      return ' ';
    })
    .replace(SELECTOR, (_, name: string, matchers: string) => {
      series.push({ name, labels: words(matchers) });
      return ' ';
    });
  for (const [, name = ''] of plain.matchAll(WORD))
    if (!KEYWORDS.has(name.toLowerCase())) series.push({ name, labels: [] });
  return { series, groupedBy };
}

function words(text: string): string[] {
  return text.match(/[a-zA-Z_]\w*/g) ?? [];
}
