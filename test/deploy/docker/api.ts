import { request } from 'node:https';

/** What the API answered. */
export type Answer = { readonly status: number; readonly body: Record<string, unknown> };

/** Asks the API over TLS with a certificate that signs itself, each time on a connection of its own. */
export function createApiClient(apiUrl: string, certificate: string, apiKey: string) {
  return async (method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> => {
    const headers = { 'x-api-key': apiKey, ...(body && { 'content-type': 'application/json' }) };
    const options = { method, headers, ca: certificate, agent: false };
    const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const call = request(`${apiUrl}/api/v1${path}`, options, (response) => {
        let received = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          received += part;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: received }));
      });
      call.on('error', reject);
      call.end(body && JSON.stringify(body));
    });
    return { status, body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text } };
  };
}
