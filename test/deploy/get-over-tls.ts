import { get } from 'node:https';

/** GET with a certificate that signs itself; resolves to the status and the cookies that were set. */
export async function getOverTls(
  url: string,
  certificate: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly cookies: readonly string[] }> {
  return await new Promise((resolve, reject) => {
    const request = get(url, { ca: certificate, headers, agent: false }, (response) => {
      response.resume();
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, cookies: response.headers['set-cookie'] ?? [] }),
      );
    });
    request.on('error', reject);
  });
}
