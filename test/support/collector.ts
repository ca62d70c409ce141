import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { until } from './until.ts';

/** A span as a collector was sent it. */
export type SeenSpan = {
  readonly traceId: string;
  readonly spanId: string;
  /** '' on the first of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly string[];
  readonly failed: boolean;
  /** `service.name` of its process. */
  readonly service: string;
  /** `service.instance.id` of its process. */
  readonly instance: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
};

/** Listens for OTLP/HTTP in JSON. */
export type Collector = {
  readonly url: string;
  /** In the order they came. */
  readonly spans: SeenSpan[];
  /** The spans of a trace once it has these names, in the order they began. */
  trace(traceId: string, names: readonly string[]): Promise<readonly SeenSpan[]>;
  close(): Promise<void>;
};

type Value = { readonly [kind: string]: unknown };
type Attribute = { readonly key: string; readonly value: Value };
type Request = {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
};
type OtlpSpan = Pick<SeenSpan, 'traceId' | 'spanId' | 'name'> & {
  readonly parentSpanId?: string;
  readonly attributes: readonly Attribute[];
  readonly links?: readonly { readonly spanId: string }[];
  readonly status?: { readonly code?: number };
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
};

/** Starts a collector on a free port of this machine. */
export async function startCollector(): Promise<Collector> {
  const spans: SeenSpan[] = [];
  const server = createServer(async (request, response) => {
    if (request.url === '/v1/traces') spans.push(...spansIn(JSON.parse(await text(request)) as Request));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    trace: (traceId, names) =>
      until(
        () => {
          const own = spans.filter((span) => span.traceId === traceId);
          const missing = names.filter((name) => !own.some((span) => span.name === name));
          if (missing.length === 0) return own.sort((a, b) => (a.startNs < b.startNs ? -1 : 1));
          throw new Error(`without ${missing.join(', ')}: ${own.map(({ name }) => name).join(', ')}`);
        },
        { what: `trace ${traceId}` },
      ),
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

function spansIn({ resourceSpans }: Request): SeenSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const { 'service.name': service, 'service.instance.id': instance } = attributesOf(resource.attributes);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId ?? '',
        name: span.name,
        attributes: attributesOf(span.attributes),
        links: (span.links ?? []).map(({ spanId }) => spanId),
        failed: span.status?.code === 2,
        service: String(service),
        instance: String(instance),
        startNs: BigInt(span.startTimeUnixNano),
        endNs: BigInt(span.endTimeUnixNano),
      })),
    );
  });
}

function attributesOf(attributes: readonly Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
