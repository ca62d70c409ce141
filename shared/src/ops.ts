import fastify, { type FastifyPluginAsync, LogController } from 'fastify';
import { portTaken, shownHost } from './listening.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

export type OpsOptions = {
  readonly metrics: Metrics;
  readonly log: Log;
  /** What must work for this process to be of use; each rejects when it does not. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
  /** Brings metrics up to date that are read, not counted. */
  readonly beforeScrape?: () => Promise<void>;
};

/** Not worth a log line each. */
const probe = { logLevel: 'silent' } as const;

/** One round of a check answers every probe of this long. */
const CHECK_TTL_MS = 1_000;
/** A scrape looks at readiness when no probe did for so long; it does not wait for it. */
const SCRAPE_TTL_MS = 10_000;

/** Serves probes and metrics on OPS_PORT, apart from everything that may be published. Rejects when the port is taken. */
export async function listenOps(
  options: OpsOptions & { readonly host: string; readonly port: number },
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const app = fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true }),
  });
  await app.register(opsRoutes(options));
  const { host, port } = options;
  await app.listen({ host, port }).catch((error: unknown) => {
    throw portTaken(error, { setting: 'OPS_PORT', host, port });
  });
  const address = app.server.address();
  const listening = typeof address === 'object' && address ? address.port : port;
  return { url: `http://${shownHost(host)}:${listening}`, close: async () => void (await app.close()) };
}

/**
 * `/livez`: 200 while the event loop turns, whatever else is down. `/readyz`: 200 when every check passes, else 503, and
 * what each said; `?exclude=NAME`, as often as wanted, leaves checks out of it, 400 when there is no such check.
 * `/metrics`: Prometheus text.
 */
function opsRoutes({ metrics, log, checks, beforeScrape }: OpsOptions): FastifyPluginAsync {
  const rounds = new Map<string, { readonly atMs: number; readonly result: Promise<'ok' | 'failing'> }>();

  async function check(name: string, run: () => Promise<void>): Promise<'ok' | 'failing'> {
    try {
      await run();
      metrics.ready.set({ check: name }, 1);
      return 'ok';
    } catch (error) {
      metrics.ready.set({ check: name }, 0);
      log.warn({ err: error, check: name }, 'not ready');
      return 'failing';
    }
  }

  /** What the checks that are not left out say; those left out are not waited for. */
  async function latest(maxAgeMs: number, excluded: readonly string[] = []): Promise<Record<string, string>> {
    const asked = Object.entries(checks).filter(([name]) => !excluded.includes(name));
    const results = asked.map(async ([name, run]) => {
      let round = rounds.get(name);
      if (!round || Date.now() - round.atMs > maxAgeMs) {
        round = { atMs: Date.now(), result: check(name, run) };
        rounds.set(name, round);
      }
      return [name, await round.result] as const;
    });
    return Object.fromEntries(await Promise.all(results));
  }

  return async (app) => {
    app.get('/livez', probe, async () => ({ status: 'ok' }));
    app.get<{ Querystring: { exclude?: string | string[] } }>('/readyz', probe, async (request, response) => {
      const excluded = [request.query.exclude ?? []].flat();
      const unknown = excluded.filter((name) => !Object.hasOwn(checks, name));
      if (unknown.length > 0) {
        const detail = `exclude: no check is named ${unknown.join(', ')}, there are ${Object.keys(checks).join(', ')}`;
        return response.code(400).send({ status: 'unknown', detail });
      }
      const results = await latest(CHECK_TTL_MS, excluded);
      const ready = Object.values(results).every((result) => result === 'ok');
      return response.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'unavailable', checks: results });
    });
    app.get('/metrics', probe, async (_request, response) => {
      void latest(SCRAPE_TTL_MS);
      await beforeScrape?.().catch((error: unknown) => log.warn({ err: error }, 'metrics incomplete'));
      return response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
    });
  };
}
