import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type Static, Type } from '@sinclair/typebox';
import type { GatewayState, Registry } from '@voltgate/shared/ports.ts';
import { PageOf } from './paging.ts';
import { unavailable } from './problem.ts';
import { problems, Time } from './schemas.ts';

/** A gateway as the API shows it. */
export const Gateway = Type.Object(
  {
    gatewayId: Type.String(),
    version: Type.String(),
    state: Type.String({ description: 'serving or draining' }),
    startedAt: Time('When it started.'),
    leaseAgeMs: Type.Integer({ description: 'ms since its last sign of life.' }),
    connections: Type.Integer({ description: 'Charge points connected to it.' }),
    messagesPerSecond: Type.Number({ description: 'Frames of charge points.' }),
    apiUrl: Type.String({ description: 'Where its API listens.' }),
  },
  { $id: 'Gateway', description: 'A gateway of the cluster that is alive' },
);

/** `GET /gateways`. */
export function gatewayRoutes(registry: Pick<Registry, 'gateways'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/gateways',
      {
        schema: {
          operationId: 'listGateways',
          tags: ['live'],
          summary: 'Every living gateway of the cluster, all on one page',
          querystring: Type.Object({}, { additionalProperties: false }),
          response: {
            200: PageOf(Gateway),
            ...problems(400, 401),
          },
        },
      },
      async (request) => {
        const states = await registry.gateways().catch((error: unknown) => {
          request.log.warn({ err: error }, 'registry away');
          throw unavailable('The registry is away; try again in a moment.');
        });
        const nowMs = Date.now();
        return { items: states.map((state) => gatewayOf(state, nowMs)).toSorted(byId), nextCursor: null };
      },
    );
  };
}

type Shown = Static<typeof Gateway>;

function gatewayOf({ startedAtMs, renewedAtMs, ...state }: GatewayState, nowMs: number): Shown {
  return {
    ...state,
    startedAt: new Date(startedAtMs).toISOString(),
    leaseAgeMs: Math.max(0, nowMs - renewedAtMs),
  };
}

const byId = (a: Shown, b: Shown) => (a.gatewayId < b.gatewayId ? -1 : 1);
