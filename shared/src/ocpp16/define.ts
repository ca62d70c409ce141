import type { Static, TSchema } from '@sinclair/typebox';
import type { KnownChargePoint, Store } from '../ports.ts';
import { compileOnce, type Validate } from './validate.ts';

/** A validated Call with everything known about its coming. */
export type IncomingCall<Payload> = {
  readonly chargePointId: string;
  readonly connectionId: string;
  readonly receivedAt: Date;
  readonly traceId: string;
  readonly payload: Payload;
  /** The frame as the charger sent it. */
  readonly text: string;
};

/** What the gateway may know when no worker answers. */
export type WhenAway = {
  readonly chargePoint: KnownChargePoint;
  readonly now: Date;
  /** Seconds; what a Rejected BootNotification should wait, jittered already. */
  readonly retryIntervalSeconds: number;
  readonly heartbeatIntervalSeconds: number;
  readonly authorizeWhenAway: 'Accepted' | 'Invalid';
};

/** What a handler may know of the deployment. */
export type HandleSettings = {
  readonly heartbeatIntervalSeconds: number;
  readonly bootRetryIntervalSeconds: number;
};

type Schemas<Req extends TSchema, Res extends TSchema> = {
  /** OCPP's name of the action. */
  readonly action: string;
  readonly request: Req;
  readonly response: Res;
};

/** The gateway answers by itself. */
type Answered<Req extends TSchema, Res extends TSchema> = Schemas<Req, Res> & {
  readonly way: 'answered';
  readonly answer: (now: Date) => Static<Res>;
};

/** Accepted durably, then answered `{}`; handled at least once, in any order, as a set. */
type Told<Req extends TSchema, Res extends TSchema> = Schemas<Req, Res> & {
  readonly way: 'tell';
  readonly handle: (store: Store, calls: readonly IncomingCall<Static<Req>>[]) => Promise<void>;
};

/** Handled and committed by a worker, then answered with what `handle` returned. */
type Asked<Req extends TSchema, Res extends TSchema> = Schemas<Req, Res> & {
  readonly way: 'ask';
  readonly handle: (store: Store, call: IncomingCall<Static<Req>>, settings: HandleSettings) => Promise<Static<Res>>;
  /** The answer when no worker answers in time; without one the charger gets CALLERROR InternalError and retries. */
  readonly whenAway?: (away: WhenAway) => Static<Res>;
};

/** One action a charge point may call, as the lists and the engine see it. */
export type Incoming = (Answered<TSchema, TSchema> | Told<TSchema, TSchema> | Asked<TSchema, TSchema>) & {
  readonly validate: Validate;
};

/** Defines an action a charge point may call. The schema is compiled once, at first use. */
export function incoming<Req extends TSchema, Res extends TSchema>(
  definition: Answered<Req, Res> | Told<Req, Res> | Asked<Req, Res>,
): Incoming {
  // The handler only ever sees payloads that passed its own schema, so widening its parameter is sound.
  return { ...definition, validate: compileOnce(definition.request) } as unknown as Incoming;
}

/** One operation the central system may call. */
export type Outgoing<Req extends TSchema = TSchema, Res extends TSchema = TSchema> = Schemas<Req, Res> & {
  readonly validateRequest: Validate;
  readonly validateResponse: Validate;
};

/** Defines an operation the central system may call. */
export function outgoing<Req extends TSchema, Res extends TSchema>(definition: Schemas<Req, Res>): Outgoing<Req, Res> {
  return {
    ...definition,
    validateRequest: compileOnce(definition.request),
    validateResponse: compileOnce(definition.response),
  };
}
