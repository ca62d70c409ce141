import type { Db } from '@voltgate/shared/store/client.ts';
import type { Words } from '@voltgate/shared/store/read-vocabulary.ts';
import { newTraceId } from '@voltgate/shared/trace.ts';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyPluginAsync, LogController } from 'fastify';
import { authenticate, type FindApiKey } from './authentication.ts';
import { ChargePoint, chargePointRoutes } from './charge-points.ts';
import { Connector, connectorRoutes } from './connectors.ts';
import { documentation } from './documentation.ts';
import { MeterValue } from './meter-value.ts';
import { meterValueRoutes } from './meter-values.ts';
import { refuseOtherMethods, watchMethods } from './method-not-allowed.ts';
import { Orphan, orphanRoutes } from './orphans.ts';
import { isReadableTime } from './paging.ts';
import { answerWithProblems, expectedProblem, Problem, sendProblem } from './problem.ts';
import { Transaction } from './transaction.ts';
import { transactionRoutes } from './transactions.ts';

/** What the API needs of the store. */
export type ApiStore = {
  readonly db: Db;
  readonly words: Words;
  readonly findApiKey: FindApiKey;
  /** True when trying again may help. */
  readonly isTransient: (error: unknown) => boolean;
};

export type ApiOptions = {
  readonly store: ApiStore;
  readonly log: FastifyBaseLogger;
  /** Of the program, for the OpenAPI document. */
  readonly version: string;
  /** More routes, for anybody: health and metrics. */
  readonly register?: readonly FastifyPluginAsync[];
};

/** Longest charge point id, 48 characters, each of four bytes in percent-encoding. */
const MAX_PARAMETER_LENGTH = 48 * 4 * 3;

/** The HTTP API under `/api/v1`, its OpenAPI document and docs page. Ready to listen; the caller listens and closes. */
export async function createApi({ store, log, version, register = [] }: ApiOptions): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'traceId' }),
    genReqId: newTraceId,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    ajv: {
      // Nothing is dropped or bent to fit: whatever is wrong is named, all of it.
      customOptions: { allErrors: true, removeAdditional: false },
      onCreate: (ajv) => ajv.addFormat('date-time', isReadableTime),
    },
    frameworkErrors: (error, request, reply) => {
      const problem = expectedProblem(error);
      if (!problem) throw error;
      sendProblem(request, reply, problem);
    },
  });
  answerWithProblems(app, store.isTransient);
  for (const schema of [Problem, ChargePoint, Connector, Transaction, MeterValue, Orphan]) app.addSchema(schema);
  await documentation(app, version);
  for (const plugin of register) await app.register(plugin);
  await app.register(resources(store), { prefix: '/api/v1' });
  await app.ready();
  return app;
}

function resources({ db, words, findApiKey }: ApiStore): FastifyPluginAsync {
  return async (app) => {
    authenticate(app, findApiKey);
    const watched = watchMethods(app);
    await app.register(chargePointRoutes(db));
    await app.register(connectorRoutes(db));
    await app.register(transactionRoutes(db));
    await app.register(meterValueRoutes(db, words));
    await app.register(orphanRoutes(db));
    refuseOtherMethods(app, watched);
  };
}
