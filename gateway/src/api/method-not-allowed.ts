import { METHODS } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { ProblemError } from './problem.ts';

/** Paths of `app` and the methods each of them has, from now on. */
export function watchMethods(app: FastifyInstance): ReadonlyMap<string, ReadonlySet<string>> {
  const methodsByPath = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ path, method }) => {
    const methods = methodsByPath.get(path) ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    methodsByPath.set(path, methods);
  });
  return methodsByPath;
}

/** Answers every other method of the watched paths with 405; to be called when all routes are there. */
export function refuseOtherMethods(app: FastifyInstance, watched: ReadonlyMap<string, ReadonlySet<string>>): void {
  // This Node.js may know fewer than Fastify.
  const known = METHODS.filter((method) => app.supportedMethods.includes(method));
  // A copy, because these routes are watched too.
  for (const [url, methods] of [...watched]) {
    const allow = [...methods].join(', ');
    app.route({
      url: url.slice(app.prefix.length),
      method: known.filter((method) => !methods.has(method)),
      schema: { hide: true },
      // Before the body: some methods must have one.
      onRequest: async () => {
        throw new ProblemError(405, 'method-not-allowed', `Allowed here: ${allow}.`, { headers: { allow } });
      },
      handler: async () => undefined,
    });
  }
}
