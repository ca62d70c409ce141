import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from '@sinclair/typebox';
import { eventKinds } from '@voltgate/shared/events.ts';
import type { Events } from '../events.ts';
import { openEventStream } from './event-stream.ts';
import { ChargePointId, problems, Text, Word } from './schemas.ts';

/** Keeps proxies from thinking the stream dead. */
export const EVENT_HEARTBEAT_MS = 15_000;

const Kind = Word(eventKinds, 'A kind of event; several: repeat the parameter.');

/** `GET /events`: server-sent events, with a comment every `heartbeatMs`. [HTML, 9.2] */
export function eventRoutes(events: Events, heartbeatMs: number): FastifyPluginAsyncTypebox {
  return async (app) => {
    // Streams never end by themselves, and closing waits for them.
    app.addHook('preClose', () => events.close());
    app.get(
      '/events',
      {
        // It would have no end, and no body to show for it.
        exposeHeadRoute: false,
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
        const stream = openEventStream(reply.raw, heartbeatMs);
        const { complete, missed, stop } = events.watch(
          { filter: { chargePointId, kinds }, saw: stream.send, ended: stream.end },
          typeof header === 'string' && header !== '' ? header : lastEventId,
        );
        reply.raw.on('close', stop);
        if (!complete) stream.gap();
        stream.replay(missed);
      },
    );
  };
}
