/** Traces by OpenTelemetry: the only file that knows it, loaded only when a collector is set. */
import {
  SpanKind as Kind,
  type Span as OtelSpan,
  trace as otel,
  ROOT_CONTEXT,
  type SpanContext,
  SpanStatusCode,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, resourceAttributesEnvDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Config, Program } from './config.ts';
import type { Log } from './log.ts';
import { newSpanId, newTraceId } from './trace.ts';
import type { Span, SpanKind, Tracer } from './tracing.ts';

const EXPORT_EVERY_MS = 1_000;
/** Ended spans that may wait for the collector: some megabytes. Those beyond are dropped. */
const MOST_WAITING = 8_192;
const EXPORT_TIMEOUT_MS = 10_000;
const COMPLAIN_EVERY_MS = 60_000;
const SAMPLED = 1;

const kinds: Readonly<Record<SpanKind, Kind>> = {
  internal: Kind.INTERNAL,
  server: Kind.SERVER,
  client: Kind.CLIENT,
  producer: Kind.PRODUCER,
  consumer: Kind.CONSUMER,
};

/**
 * Samples as OTEL_TRACES_SAMPLER says and exports over OTLP/HTTP in batches, in the background. The exporter reads the rest
 * of its own variables (OTEL_EXPORTER_OTLP_*: headers, certificates, compression, timeout) from the environment.
 */
export function createTracer(config: Config, program: Program, processId: string, log: Log): Tracer {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': config.otelServiceName || `voltgate-${program}`,
      'service.instance.id': processId,
    }).merge(resourceOfEnvironment(config)),
    sampler: samplerOf(config),
    idGenerator: { generateTraceId: newTraceId, generateSpanId: newSpanId },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: complaining(new OTLPTraceExporter({ url: urlOf(config) }), log),
        maxQueueSize: MOST_WAITING,
        scheduledDelayMillis: EXPORT_EVERY_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  });
  const tracer = provider.getTracer('voltgate');
  return {
    start({ name, kind, attributes, traceparent, links = [] }) {
      const parent = traceparent === undefined ? undefined : contextIn(traceparent);
      const span = tracer.startSpan(
        name,
        { kind: kinds[kind], attributes, links: links.map((link) => ({ context: contextIn(link) })) },
        parent ? otel.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT,
      );
      const { traceId } = span.spanContext();
      return span.isRecording() ? { traceId, span: spanOf(span) } : { traceId };
    },
    close: () => provider.shutdown(),
  };
}

function spanOf(span: OtelSpan): Span {
  const { traceId, spanId } = span.spanContext();
  return {
    traceparent: `00-${traceId}-${spanId}-01`,
    isOver: () => !span.isRecording(),
    rename: (name) => void span.updateName(name),
    end(attributes, failure) {
      if (attributes) span.setAttributes(attributes);
      if (failure !== undefined) span.setAttribute('error.type', failure).setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };
}

/** Valid by `traceIdIn`, or written above. */
function contextIn(traceparent: string): SpanContext {
  const [, traceId = '', spanId = '', flags = '00'] = traceparent.split('-');
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & SAMPLED, isRemote: true };
}

function urlOf({ otlpEndpoint, otlpTracesEndpoint }: Config): string {
  return otlpTracesEndpoint || `${otlpEndpoint.replace(/\/$/, '')}/v1/traces`;
}

function samplerOf({ otelTracesSampler, otelTracesSamplerArg }: Config): Sampler {
  const roots: Readonly<Record<string, () => Sampler>> = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(otelTracesSamplerArg === '' ? 1 : Number(otelTracesSamplerArg)),
  };
  const root = (roots[otelTracesSampler.replace('parentbased_', '')] ?? (() => new AlwaysOnSampler()))();
  return otelTracesSampler.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

/** OTEL_RESOURCE_ATTRIBUTES, but its service.name gives way to OTEL_SERVICE_NAME. */
function resourceOfEnvironment({ otelServiceName }: Config) {
  const given = detectResources({ detectors: [resourceAttributesEnvDetector] });
  return otelServiceName === '' ? given : given.merge(resourceFromAttributes({ 'service.name': otelServiceName }));
}

/** A collector that does not listen costs spans and one line a minute. */
function complaining(exporter: SpanExporter, log: Log): SpanExporter {
  let lost = 0;
  let saidAtMs = Number.NEGATIVE_INFINITY;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.code !== 0) {
          lost += spans.length;
          if (performance.now() - saidAtMs >= COMPLAIN_EVERY_MS) {
            saidAtMs = performance.now();
            log.warn({ err: result.error, lost }, 'spans not exported');
            lost = 0;
          }
        }
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => await exporter.forceFlush?.(),
  };
}
