import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from './problem.ts';

/** Who a key belongs to and what it may do. */
export type ApiKey = { readonly name: string; readonly role: string };

/** Looks a key up; null when there is no such key. */
export type FindApiKey = (key: string) => Promise<ApiKey | null>;

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every authenticated request. */
    apiKey: ApiKey | null;
  }
}

/** Refuses every request to `app` that carries no known API key, before anything else of it is looked at. */
export function authenticate(app: FastifyInstance, findApiKey: FindApiKey): void {
  app.decorateRequest('apiKey', null);
  app.addHook('onRequest', async (request) => {
    const key = keyOf(request);
    if (key === undefined) throw unauthorized('Bearer', 'Send an API key as Authorization: Bearer or X-API-Key.');
    request.apiKey = await findApiKey(key);
    if (!request.apiKey) throw unauthorized('Bearer error="invalid_token"', 'The API key is unknown.');
  });
}

function keyOf({ headers }: FastifyRequest): string | undefined {
  if (headers.authorization !== undefined) return /^Bearer +(\S+) *$/i.exec(headers.authorization)?.[1];
  const key = headers['x-api-key'];
  return typeof key === 'string' && key !== '' ? key : undefined;
}

function unauthorized(challenge: string, detail: string): ProblemError {
  return new ProblemError(401, 'unauthorized', detail, { headers: { 'www-authenticate': challenge } });
}
