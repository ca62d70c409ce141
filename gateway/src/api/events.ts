import type { ServerResponse } from 'node:http';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { eventKinds, type LiveEvent } from '@voltgate/shared/events.ts';
import { writeJson } from '@voltgate/shared/ocpp16/json.ts';
import type { Events } from '../events.ts';
import { ChargePointId, problems, Text, Word } from './schemas.ts';

/** Keeps proxies from thinking the stream dead. */
const HEARTBEAT_MS = 15_000;
/** A client that leaves more than this unread is ended: it can come back with Last-Event-ID. */
const MOST_UNREAD_BYTES = 262_144;

const Kind = Word(eventKinds, 'A kind of event; several: repeat the parameter.');

/** `GET /events`: server-sent events. [HTML, 9.2] */
export function eventRoutes(events: Events): FastifyPluginAsyncTypebox {
  return async (app) => {
    // Streams never end by themselves, and closing waits for them.
    app.addHook('preClose', () => events.close());
    app.get(
      '/events',
      {
        schema: {
          operationId: 'watchEvents',
          tags: ['live'],
          summary: 'What happens in the whole cluster, as it happens (server-sent events)',
          description:
            'Live and at most once: whoever needs certainty reads the lists. Come back with `Last-Event-ID` within a short time and what was missed is sent first; an event `gap` says that some may be missing.',
          querystring: Type.Object(
            {
              chargePointId: Type.Optional(ChargePointId),
              kind: Type.Optional(Type.Array(Kind, { maxItems: eventKinds.length })),
              lastEventId: Type.Optional(Text(64, 'The same as the header, for clients that cannot set one.')),
            },
            { additionalProperties: false },
          ),
          response: {
            200: { description: 'A stream of events', content: { 'text/event-stream': { schema: Type.String() } } },
            ...problems(400, 401),
          },
        },
      },
      (request, reply) => {
        const { chargePointId, kind: kinds, lastEventId } = request.query;
        const header = request.headers['last-event-id'];
        reply.hijack();
        const stream = openStream(reply.raw);
        const { complete, stop } = events.watch(
          { filter: { chargePointId, kinds }, saw: stream.send, ended: stream.end },
          typeof header === 'string' && header !== '' ? header : lastEventId,
        );
        if (!complete) stream.gap();
        reply.raw.on('close', stop);
      },
    );
  };
}

function openStream(response: ServerResponse) {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // nginx would gather events otherwise.
    'x-accel-buffering': 'no',
  });
  response.write('retry: 2000\n\n');
  const heartbeat = setInterval(() => write(': still here\n\n'), HEARTBEAT_MS);
  response.on('close', () => clearInterval(heartbeat));

  function write(text: string): void {
    if (response.destroyed || response.writableEnded) return;
    if (response.writableLength + text.length > MOST_UNREAD_BYTES) response.destroy();
    else response.write(text);
  }

  return {
    send: (event: LiveEvent) => write(`id: ${event.id}\nevent: ${event.kind}\ndata: ${writeJson(event)}\n\n`),
    gap: () => write('event: gap\ndata: {}\n\n'),
    end: () => void response.end(),
  };
}
