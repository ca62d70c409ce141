import http, { type RefinedResponse } from 'k6/http';
import { pause } from './pause.ts';
import { settings } from './settings.ts';

type Page<T> = { readonly items: readonly T[]; readonly nextCursor: string | null };

const headers = { 'x-api-key': settings.apiKey, 'content-type': 'application/json' };
const AGAIN_MS = 500;
const ATTEMPTS = 20;
/** The path is none of a metric's business, the kind of request is. */
const paramsOf = (name: string) => ({ headers, tags: { name }, timeout: '60s' });

/** GET of everything on all pages; tries again while the API is away. Throws on any other answer but 200. */
export async function readAll<T>(path: string, name: string): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = cursor && `&cursor=${encodeURIComponent(cursor)}`;
    const page: Page<T> = await read<Page<T>>(`${path}?limit=500${query}`, name);
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

async function read<T>(path: string, name: string): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const response = await http.asyncRequest('GET', urlOf(path), null, paramsOf(name));
    if (response.status === 200) return response.json() as T;
    const away = response.status === 0 || response.status >= 502;
    if (!away || attempt === ATTEMPTS) throw new Error(`GET ${path}: ${response.status} ${response.error}`);
    await pause(AGAIN_MS);
  }
}

/** A command to a charge point, through whichever gateway the balancer chooses. Resolves to the whole response. */
export function command(
  id: string,
  action: string,
  payload: Record<string, unknown>,
  timeoutSeconds: number,
): Promise<RefinedResponse<'text'>> {
  const path = `/charge-points/${encodeURIComponent(id)}/commands/${action}?timeout=${timeoutSeconds}`;
  const params = { ...paramsOf('POST command'), responseType: 'text' as const, timeout: `${timeoutSeconds + 30}s` };
  return http.asyncRequest('POST', urlOf(path), JSON.stringify(payload), params);
}

const REGISTERED_AT_ONCE = 20;

/** In setup: makes charge points with the password, and one idTag for each. Throws when the API refuses. */
export function register(ids: readonly string[]): void {
  for (let from = 0; from < ids.length; from += REGISTERED_AT_ONCE) {
    const some = ids.slice(from, from + REGISTERED_AT_ONCE);
    post(
      'charge-points',
      some.map((chargePointId) => ({ chargePointId, password: settings.password, securityProfile: 1 })),
    );
    // Any number: a run that was cut off with the same names may have left one open.
    post(
      'id-tags',
      some.map((id) => ({ idTag: id, maxActiveTransactions: null })),
    );
  }
}

/** 409: there is one already, by a run of the same name. */
function post(resource: string, bodies: readonly object[]): void {
  const requests = bodies.map((body) => ({
    method: 'POST',
    url: urlOf(`/${resource}`),
    body: JSON.stringify(body),
    params: paramsOf(`POST ${resource}`),
  }));
  for (const response of http.batch(requests))
    if (response.status !== 201 && response.status !== 409)
      throw new Error(`POST /${resource}: ${response.status} ${response.error} ${response.body}`);
}

const urlOf = (path: string) => `${settings.apiUrl}/api/v1${path}`;
