import { createHash } from 'node:crypto';
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

const TTL_MS = 5_000;
const MOST_REMEMBERED = 1_000;

/** Refuses every request to `app` that carries no known API key, before anything else of it is looked at. */
export function authenticate(app: FastifyInstance, findApiKey: FindApiKey): void {
  const find = rememberFound(findApiKey);
  app.decorateRequest('apiKey', null);
  app.addHook('onRequest', async (request) => {
    const key = keyOf(request);
    if (key === undefined) throw unauthorized('Bearer', 'Send an API key as Authorization: Bearer or X-API-Key.');
    request.apiKey = await find(key);
    if (!request.apiKey) throw unauthorized('Bearer error="invalid_token"', 'The API key is unknown.');
  });
}

/** `find` that remembers what it found for `ttlMs`; a withdrawn key works at most that long. Misses are not remembered. */
export function rememberFound(find: FindApiKey, ttlMs = TTL_MS, now = Date.now): FindApiKey {
  // Keys are kept by digest: a heap dump shows none.
  const found = new Map<string, { readonly apiKey: ApiKey; readonly untilMs: number }>();
  return async (key) => {
    const digest = createHash('sha256').update(key).digest('base64');
    const known = found.get(digest);
    if (known && known.untilMs > now()) return known.apiKey;
    const apiKey = await find(key);
    found.delete(digest);
    if (apiKey) found.set(digest, { apiKey, untilMs: now() + ttlMs });
    const oldest = found.keys().next().value;
    if (found.size > MOST_REMEMBERED && oldest !== undefined) found.delete(oldest);
    return apiKey;
  };
}

function keyOf({ headers }: FastifyRequest): string | undefined {
  if (headers.authorization !== undefined) return /^Bearer +(\S+) *$/i.exec(headers.authorization)?.[1];
  const key = headers['x-api-key'];
  return typeof key === 'string' && key !== '' ? key : undefined;
}

function unauthorized(challenge: string, detail: string): ProblemError {
  return new ProblemError(401, 'unauthorized', detail, { headers: { 'www-authenticate': challenge } });
}
