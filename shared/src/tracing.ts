/**
 * Traces, as everybody but opentelemetry.ts knows them. A frame of a charger or a request to the API begins one; whoever goes on
 * with it elsewhere is handed its `traceparent` and begins a span below it. No traceparent = not traced, by whatever decision,
 * and then nothing is done: so the decision of the first travels with the job or the message. The trace id is the one in
 * log lines, rows and the message log, traced or not.
 *
 *   off, the default    the SDK is not loaded, every function here returns at its first line
 *   not sampled         a trace id, no spans
 *   sampled             spans, which end up at the collector, or are dropped when it does not listen
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Config, Program } from './config.ts';
import type { Log } from './log.ts';
import { newTraceId } from './trace.ts';

/** Data of a span. Names by the semantic conventions of OpenTelemetry where they have one. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Which end of which kind of road a span stands at. */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** A piece of work that is traced. */
export type Span = {
  /** W3C Trace Context of this span, for whoever goes on with it. */
  readonly traceparent: string;
  readonly isOver: () => boolean;
  rename(name: string): void;
  /** The first call ends it. With `failure`, a word of few, it is marked as failed. */
  end(attributes?: Attributes, failure?: string): void;
};

/** A trace that begins here or came in. */
export type Trace = {
  readonly traceId: string;
  /** Undefined when it is not sampled. */
  readonly span?: Span | undefined;
};

/** How a span begins. */
export type SpanStart = {
  readonly name: string;
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  /** W3C context to go on with; a new trace without. */
  readonly traceparent?: string | undefined;
  /** W3C contexts of other spans that this one has to do with. */
  readonly links?: readonly string[];
};

/** What makes spans: opentelemetry.ts. */
export type Tracer = {
  readonly start: (start: SpanStart) => Trace;
  /** Exports what waits and ends; may take as long as the exporter waits. */
  readonly close: () => Promise<void>;
};

let tracer: Tracer | undefined;
const active = new AsyncLocalStorage<Span | undefined>();

/** True when this process exports traces. */
export function isTracing(): boolean {
  return tracer !== undefined;
}

/**
 * Turns traces on for this process when a collector is set. Resolves to the function that exports what is left, or to undefined
 * when traces stay off. Call before the store is opened.
 */
export async function startTracing(
  config: Config,
  program: Program,
  processId: string,
  log: Log,
): Promise<(() => Promise<void>) | undefined> {
  if (config.otelSdkDisabled || (config.otlpEndpoint === '' && config.otlpTracesEndpoint === '')) return undefined;
  const { createTracer } = await import('./opentelemetry.ts');
  tracer = createTracer(config, program, processId, log);
  return tracer.close;
}

/** A trace that begins here, or that comes in with the `traceparent` of a stranger; one that is not valid is ignored. */
export function beginTrace(start: SpanStart): Trace {
  const traceparent = start.traceparent !== undefined && traceIdIn(start.traceparent) ? start.traceparent : undefined;
  if (tracer) return tracer.start({ ...start, traceparent });
  return { traceId: traceIdIn(traceparent) ?? newTraceId() };
}

/** A span below the one of `traceparent`, or nothing when that is not traced. */
export function startSpan(start: SpanStart): Span | undefined {
  if (!tracer || start.traceparent === undefined) return undefined;
  return tracer.start(start).span;
}

/** Runs something of which the statements to the database are spans below this one, as long as it is not over. */
export function within<T>(span: Span | undefined, run: () => T): T {
  // Work without a span that runs in the wake of a traced one is none of it.
  return span || activeSpan() ? active.run(span, run) : run();
}

/** The span that `within` runs in. */
export function activeSpan(): Span | undefined {
  if (!tracer) return undefined;
  const span = active.getStore();
  // What was begun within it, a timer for example, may live for ever.
  return span?.isOver() ? undefined : span;
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:$|(?<!^00.*)-)/;

/** The trace id in a W3C traceparent, or undefined when it is none. [Trace Context 3.2] */
export function traceIdIn(traceparent: string | undefined): string | undefined {
  if (traceparent === undefined) return undefined;
  return TRACEPARENT.exec(traceparent)?.[1];
}
