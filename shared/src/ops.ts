import fastify, { type FastifyPluginAsync, type FastifySchema, LogController } from 'fastify';
import type { Registry } from 'prom-client';
import type { Log } from './log.ts';

export type OpsOptions = {
  readonly registry: Registry;
  readonly log: Log;
  /** What must work for this process to be of use; each rejects when it does not. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
  /** Brings metrics up to date that are read, not counted. */
  readonly beforeScrape?: () => Promise<void>;
};

/** Not part of the documented API, and not worth a log line each. `hide` is a word of the OpenAPI plugin. */
const probe = { schema: { hide: true } as FastifySchema, logLevel: 'silent' } as const;

/** One round of checks answers every probe of this long. */
const CHECK_TTL_MS = 1_000;

/**
 * `/livez`: 200 while the event loop turns, whatever else is down. `/readyz`: 200 when every check passes, else 503; both
 * name each check. `/metrics`: Prometheus text.
 */
export function opsRoutes({ registry, log, checks, beforeScrape }: OpsOptions): FastifyPluginAsync {
  let round: { readonly atMs: number; readonly results: Promise<Readonly<Record<string, string>>> } | undefined;

  async function check(): Promise<Readonly<Record<string, string>>> {
    const entries = Object.entries(checks).map(async ([name, run]) => {
      try {
        await run();
        return [name, 'ok'] as const;
      } catch (error) {
        log.warn({ err: error, check: name }, 'not ready');
        return [name, 'failing'] as const;
      }
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  return async (app) => {
    app.get('/livez', probe, async () => ({ status: 'ok' }));
    app.get('/readyz', probe, async (_request, response) => {
      if (!round || Date.now() - round.atMs > CHECK_TTL_MS) round = { atMs: Date.now(), results: check() };
      const results = await round.results;
      const ready = Object.values(results).every((result) => result === 'ok');
      return response.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'unavailable', checks: results });
    });
    app.get('/metrics', probe, async (_request, response) => {
      await beforeScrape?.().catch((error: unknown) => log.warn({ err: error }, 'metrics incomplete'));
      return response.type(registry.contentType).send(await registry.metrics());
    });
  };
}

/** Serves the probes on a port of their own, for processes without an API. */
export async function listenOps(
  options: OpsOptions & { readonly host: string; readonly port: number },
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const app = fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true }),
  });
  await app.register(opsRoutes(options));
  const url = await app.listen({ host: options.host, port: options.port });
  return { url, close: async () => void (await app.close()) };
}
