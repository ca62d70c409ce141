import { activeSpan, startSpan } from '../tracing.ts';
import type { Pool } from './client.ts';

/** What is looked at of the driver's own queries. */
type Query = Promise<unknown> & {
  readonly executed: boolean;
  readonly strings: readonly string[];
  /** With placeholders, never with parameters; there once it is sent. */
  readonly statement: { readonly string: string } | null;
};
type QueryPrototype = { handle(this: Query): Promise<void> };

const traced = new WeakSet<QueryPrototype>();
const MOST_TEXT = 2_000;

/**
 * Makes every statement that is sent within a span (`within` of tracing.ts) a span below it. The driver tells when a statement
 * begins, but not when it ends, so the one method every query of it goes through is wrapped: pool, transactions and drizzle
 * alike, once for all pools of the process.
 */
export function traceStatements(sql: Pool): void {
  // A query that nobody awaits is never sent.
  const prototype = Object.getPrototypeOf(sql`select 1`) as QueryPrototype;
  if (traced.has(prototype)) return;
  traced.add(prototype);
  const { handle } = prototype;
  prototype.handle = function (this: Query) {
    if (!this.executed) begin(this);
    return handle.call(this);
  };
}

function begin(query: Query): void {
  const parent = activeSpan();
  if (!parent) return;
  const span = startSpan({ name: 'SQL', kind: 'client', traceparent: parent.traceparent, attributes: {} });
  if (!span) return;
  const end = (failure?: string) => {
    const text = (query.statement?.string ?? query.strings.join('?')).trim();
    const { operation, collection } = summaryOf(text);
    span.rename(collection ? `${operation} ${collection}` : operation);
    const attributes = {
      'db.system.name': 'postgresql',
      'db.operation.name': operation,
      'db.query.text': text.slice(0, MOST_TEXT),
    };
    span.end(collection ? { ...attributes, 'db.collection.name': collection } : attributes, failure);
  };
  // Not by `then` of the query itself, which would send it.
  Promise.prototype.then.call(
    query,
    () => end(),
    (error: unknown) => end(codeOf(error)),
  );
}

/** What a statement does, and to which table: of a WITH what stands after it. */
export function summaryOf(text: string): { readonly operation: string; readonly collection: string | undefined } {
  const plain = /^with\b/i.test(text) ? withoutParentheses(text) : text;
  const operation = /\b(?:insert|update|delete|select)\b/i.exec(plain)?.[0] ?? /^\w+/.exec(plain)?.[0] ?? 'SQL';
  const collection = /\b(?:insert into|update|from)\s+"?([a-z_]\w*)(?![\w(])/i.exec(plain)?.[1];
  return { operation: operation.toUpperCase(), collection };
}

function withoutParentheses(text: string): string {
  const less = text.replace(/\([^()]*\)/g, ' ');
  return less === text ? text : withoutParentheses(less);
}

function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as { readonly code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : 'error';
}
