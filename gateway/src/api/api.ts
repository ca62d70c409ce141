import type { CommandRecord, Outcomes, Registry } from '@voltgate/shared/ports.ts';
import type { Db } from '@voltgate/shared/store/client.ts';
import type { Words } from '@voltgate/shared/store/read-vocabulary.ts';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyPluginAsync, LogController } from 'fastify';
import type { Events } from '../events.ts';
import { type Announce, administrationRoutes } from './administration.ts';
import { type AskStore, createAskStore } from './ask-store.ts';
import { authenticate, type FindApiKey } from './authentication.ts';
import { ChargePoint, chargePointRoutes } from './charge-points.ts';
import { chargingProfileRoutes, InstalledProfile } from './charging-profiles.ts';
import { CommandShown, commandRecordRoutes, commandRoutes } from './commands.ts';
import { compatibilityRoutes } from './compatibility.ts';
import { ConfigurationKey, configurationRoutes } from './configuration.ts';
import { Connector, connectorRoutes } from './connectors.ts';
import { documentation } from './documentation.ts';
import { EVENT_HEARTBEAT_MS, eventRoutes } from './events.ts';
import { Flapping, flappingRoutes } from './flapping.ts';
import { Frame, frameRoutes } from './frames.ts';
import { Gateway, gatewayRoutes } from './gateways.ts';
import { IdTag, idTagRoutes } from './id-tags.ts';
import { createIdempotency } from './idempotency.ts';
import { MeterValue } from './meter-value.ts';
import { meterValueRoutes } from './meter-values.ts';
import { refuseOtherMethods, watchMethods } from './method-not-allowed.ts';
import { Orphan, orphanRoutes } from './orphans.ts';
import { isReadableTime } from './paging.ts';
import { answerWithProblems, expectedProblem, Problem, sendProblem } from './problem.ts';
import { defaultKeyTimes, type KeyTimes, rememberKeys } from './remember-keys.ts';
import { Reservation, reservationRoutes } from './reservations.ts';
import type { CommandParts } from './run-command.ts';
import { WELL_FORMED } from './schemas.ts';
import { traceRequests } from './trace-requests.ts';
import { Transaction } from './transaction.ts';
import { transactionRoutes } from './transactions.ts';
import { UnknownChargePoint, unknownChargePointRoutes } from './unknown-charge-points.ts';
import { refuseUnreadable } from './unreadable-requests.ts';

/** What the API needs of the store. */
export type ApiStore = {
  readonly db: Db;
  readonly words: Words;
  readonly findApiKey: FindApiKey;
  commandRecords(records: readonly CommandRecord[]): Promise<void>;
  /** True when trying again may help. */
  readonly isTransient: (error: unknown) => boolean;
};

export type ApiOptions = {
  readonly store: ApiStore;
  readonly log: FastifyBaseLogger;
  /** Tells every gateway what was administered; without it they find out when what they remember ends. */
  readonly announce?: Announce;
  /** Live events; without them there is no stream. */
  readonly events?: Events;
  /** ms between the comments that keep a quiet stream alive. */
  readonly eventHeartbeatMs?: number | undefined;
  /** Commands to charge points; without them there are only their records. */
  readonly commanding?: Omit<CommandParts, 'store' | 'askStore' | 'idempotency'> & { readonly outcomes: Outcomes };
  /** Of living gateways; without it they are not listed. */
  readonly registry?: Pick<Registry, 'gateways'>;
  /** How long API keys are remembered. */
  readonly keyTimes?: KeyTimes;
  /** Of the program, for the OpenAPI document. */
  readonly version: string;
};

/** Longest charge point id, 48 characters, each of four bytes in percent-encoding. */
const MAX_PARAMETER_LENGTH = 48 * 4 * 3;

/** The HTTP API under `/api/v1`, its OpenAPI document and docs page. Ready to listen; the caller listens and closes. */
export async function createApi(options: ApiOptions): Promise<FastifyInstance> {
  const { store, log, version } = options;
  const traces = traceRequests();
  const app: FastifyInstance = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'traceId' }),
    genReqId: traces.genReqId,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    ajv: {
      // Nothing is dropped or bent to fit: whatever is wrong is named, all of it.
      customOptions: { allErrors: true, removeAdditional: false },
      // Of text in a URL nothing is half.
      onCreate: (ajv) => ajv.addFormat('date-time', isReadableTime).addFormat(WELL_FORMED, true),
    },
    clientErrorHandler: refuseUnreadable,
    frameworkErrors: (error, request, reply) => {
      const problem = expectedProblem(error);
      if (!problem) throw error;
      sendProblem(request, reply, problem);
    },
  });
  traces.hook(app);
  answerWithProblems(app, store.isTransient);
  for (const schema of [
    Problem,
    ChargePoint,
    Connector,
    Transaction,
    MeterValue,
    Orphan,
    Flapping,
    UnknownChargePoint,
    Frame,
    Gateway,
    CommandShown,
    ConfigurationKey,
    Reservation,
    InstalledProfile,
    IdTag,
  ])
    app.addSchema(schema);
  await documentation(app, version);
  const askStore = createAskStore(store.isTransient);
  const findApiKey = rememberKeys(store.findApiKey, { ...defaultKeyTimes, ...options.keyTimes, askStore });
  const commandParts = commandPartsOf(options, askStore);
  await app.register(resources(options, findApiKey, commandParts), { prefix: '/api/v1' });
  if (commandParts) await app.register(compatibilityRoutes(commandParts, store.db, findApiKey), { prefix: '/api' });
  await app.ready();
  return app;
}

function commandPartsOf({ store, commanding }: ApiOptions, askStore: AskStore): CommandParts | undefined {
  return commanding && { ...commanding, store, askStore, idempotency: createIdempotency(commanding.outcomes) };
}

function resources(
  { store, events, eventHeartbeatMs = EVENT_HEARTBEAT_MS, registry, announce = async () => undefined }: ApiOptions,
  findApiKey: FindApiKey,
  commandParts: CommandParts | undefined,
): FastifyPluginAsync {
  const { db, words } = store;
  return async (app) => {
    authenticate(app, findApiKey);
    const watched = watchMethods(app);
    await app.register(chargePointRoutes(db));
    await app.register(administrationRoutes(db, announce));
    await app.register(connectorRoutes(db));
    await app.register(configurationRoutes(db));
    await app.register(reservationRoutes(db));
    await app.register(chargingProfileRoutes(db));
    await app.register(idTagRoutes(db));
    await app.register(transactionRoutes(db));
    await app.register(meterValueRoutes(db, words));
    await app.register(orphanRoutes(db));
    await app.register(flappingRoutes(db));
    await app.register(unknownChargePointRoutes(db));
    await app.register(frameRoutes(db));
    if (events) await app.register(eventRoutes(events, eventHeartbeatMs));
    if (registry) await app.register(gatewayRoutes(registry));
    await app.register(commandRecordRoutes(db));
    if (commandParts) await app.register(commandRoutes(commandParts));
    refuseOtherMethods(app, watched);
  };
}
