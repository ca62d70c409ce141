import type { IncomingMessage } from 'node:http';
import { newTraceId } from '@voltgate/shared/trace.ts';
import { beginTrace, isTracing, type Span, traceIdIn, within } from '@voltgate/shared/tracing.ts';
import type { FastifyInstance } from 'fastify';

/** Gives requests the trace id they came with or a new one, and spans when this process traces. */
export type RequestTraces = {
  /** The id of a request. */
  readonly genReqId: (request: IncomingMessage) => string;
  /** To be called before any route is added. */
  hook(app: FastifyInstance): void;
};

/** Where resources begin: documentation and probes are not worth a trace. */
const TRACED = /^\/api\//;

/** One for an API. [Trace Context 3.2: a request without a valid traceparent begins a trace] */
export function traceRequests(): RequestTraces {
  const spans = new WeakMap<IncomingMessage, Span>();

  function genReqId(request: IncomingMessage): string {
    const { method = '', url = '', headers } = request;
    const traceparent = typeof headers.traceparent === 'string' ? headers.traceparent : undefined;
    if (!isTracing() || !TRACED.test(url)) return traceIdIn(traceparent) ?? newTraceId();
    const attributes = { 'http.request.method': method, 'url.path': url.split('?', 1)[0] ?? '', 'url.scheme': 'http' };
    const { traceId, span } = beginTrace({ name: method, kind: 'server', traceparent, attributes });
    if (span) spans.set(request, span);
    return traceId;
  }

  function hook(app: FastifyInstance): void {
    if (!isTracing()) return;
    app.addHook('onRequest', (request, _reply, done) => within(spans.get(request.raw), done));
    // Reading the body goes by events of the socket, which know nothing of the request.
    app.addHook('preValidation', (request, _reply, done) => within(spans.get(request.raw), done));
    app.addHook('onResponse', (request, reply, done) => {
      const span = spans.get(request.raw);
      const route = request.routeOptions.url;
      if (route) span?.rename(`${request.method} ${route}`);
      const { statusCode } = reply;
      const attributes = { 'http.response.status_code': statusCode, ...(route && { 'http.route': route }) };
      span?.end(attributes, statusCode >= 500 ? String(statusCode) : undefined);
      done();
    });
  }

  return { genReqId, hook };
}
