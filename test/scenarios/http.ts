import type { Stage } from './stage.ts';

/** What an API request came back with. */
export type HttpAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
};

export type HttpOptions = {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Which gateway is asked; the first by default. */
  readonly gateway?: number;
  readonly apiKey?: string;
};

/** One API request, whatever it comes back with. */
export async function http({ cluster }: Stage, path: string, options: HttpOptions = {}): Promise<HttpAnswer> {
  const { method = 'POST', gateway = 0, apiKey = cluster.apiKey } = options;
  const response = await fetch(`${cluster.gateways[gateway % cluster.gateways.length]?.apiUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${apiKey}`,
      ...(options.body !== undefined && { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
}

/** `POST /api/v1/charge-points/{id}/commands/{action}`. */
export function command(
  stage: Stage,
  chargePointId: string,
  action: string,
  payload: unknown = {},
  { query = '', ...options }: HttpOptions & { readonly query?: string } = {},
): Promise<HttpAnswer> {
  const path = `/api/v1/charge-points/${encodeURIComponent(chargePointId)}/commands/${action}${query}`;
  return http(stage, path, { ...options, body: payload });
}
