import { STATUS_CODES } from 'node:http';
import { type Static, Type } from '@sinclair/typebox';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** One wrong field of a request. */
const FieldError = Type.Object({ field: Type.String(), message: Type.String() });
export type FieldError = Static<typeof FieldError>;

/** What every failed request is answered with. [RFC 9457] */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'Names the kind of problem; compare this, not the title.' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'For a person.' }),
    instance: Type.String({ description: 'The path that was asked for.' }),
    errors: Type.Optional(Type.Array(FieldError, { description: 'Every wrong field, for status 400.' })),
    traceId: Type.Optional(Type.String({ description: 'Finds the cause in the logs, for status 500 and up.' })),
    ocppErrorCode: Type.Optional(Type.String({ description: 'Code of the CALLERROR, for status 502.' })),
    ocppErrorDescription: Type.Optional(Type.String({ description: 'Description of the CALLERROR, for status 502.' })),
  },
  { $id: 'Problem', description: 'A problem document, RFC 9457' },
);

type ProblemStatus = 400 | 401 | 403 | 404 | 405 | 408 | 409 | 413 | 415 | 422 | 429 | 431 | 500 | 502 | 503 | 504;
type Members = Partial<Pick<Static<typeof Problem>, 'ocppErrorCode' | 'ocppErrorDescription'>>;
type Extras = {
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the document. */
  readonly members?: Members;
};

/** Thrown anywhere below a request, it becomes that request's problem document in one place. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: ProblemStatus;
  /** Last part of the problem's type. */
  readonly kind: string;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly members: Members;

  constructor(status: ProblemStatus, kind: string, detail: string, extras: Extras = {}) {
    super(detail);
    this.status = status;
    this.kind = kind;
    this.errors = extras.errors;
    this.headers = extras.headers ?? {};
    this.members = extras.members ?? {};
  }
}

/** The problem of wrong input; names every wrong field. */
export function badRequest(errors: readonly FieldError[]): ProblemError {
  const detail = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  return new ProblemError(400, 'bad-request', detail, { errors });
}

/** The problem of what is away; the caller is told to try again. */
export function unavailable(detail: string, cause?: unknown): ProblemError {
  const problem = new ProblemError(503, 'unavailable', detail, { headers: { 'retry-after': '5' } });
  problem.cause = cause;
  return problem;
}

/** The problem of a charge point that does not exist. */
export function unknownChargePoint(chargePointId: string): ProblemError {
  return new ProblemError(404, 'unknown-charge-point', `There is no charge point ${chargePointId}.`);
}

/** The problem of a transaction that does not exist. */
export function unknownTransaction(id: number): ProblemError {
  return new ProblemError(404, 'unknown-transaction', `There is no transaction ${id}.`);
}

/** Answers a request with a problem document. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: ProblemError): FastifyReply {
  const { status, headers } = problem;
  const document = problemDocument(request, problem);
  return reply.code(status).headers(headers).type('application/problem+json').send(JSON.stringify(document));
}

/** The problem document of a request. */
export function problemDocument(
  request: Pick<FastifyRequest, 'url' | 'id'>,
  problem: ProblemError,
): Static<typeof Problem> {
  const { status, kind, message, errors, members } = problem;
  return {
    type: `urn:voltgate:problem:${kind}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: message,
    instance: request.url.split('?', 1)[0] ?? '/',
    ...(errors && { errors: [...errors] }),
    ...(status >= 500 && { traceId: request.id }),
    ...members,
  };
}

/**
 * Makes every failure of `app` a problem document. A cause nobody expected is logged here, once, and the caller is told
 * nothing of it but the trace id. `isTransient` = trying again may help.
 */
export function answerWithProblems(app: FastifyInstance, isTransient: (error: unknown) => boolean): void {
  app.setErrorHandler<FastifyError | ProblemError>((error, request, reply) => {
    const expected = expectedProblem(error);
    if (expected) return sendProblem(request, reply, expected);
    if (isTransient(error)) {
      request.log.warn({ err: error }, 'store away');
      return sendProblem(request, reply, unavailable('Try again in a moment.'));
    }
    request.log.error({ err: error }, 'request failed');
    return sendProblem(request, reply, new ProblemError(500, 'internal', 'Something went wrong here; it was logged.'));
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(request, reply, new ProblemError(404, 'unknown-route', 'There is nothing at this path.')),
  );
}

/** The problem of an error that says itself it is the caller's, or undefined. */
export function expectedProblem(error: FastifyError | ProblemError): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  if (error.validation) return badRequest(fieldErrors(error.validation));
  // What Fastify itself refuses: paths that do not decode, bodies it cannot read.
  const status = error.statusCode ?? 500;
  if (status === 413) return new ProblemError(413, 'body-too-large', error.message);
  if (status === 415) return new ProblemError(415, 'unsupported-media-type', 'Send the body as application/json.');
  return status >= 400 && status < 500 ? new ProblemError(400, 'bad-request', error.message) : undefined;
}

function fieldErrors(violations: NonNullable<FastifyError['validation']>): FieldError[] {
  const byField = new Map<string, string>();
  for (const { instancePath, keyword, params, message } of violations) {
    const named = params.additionalProperty ?? params.missingProperty;
    const field = typeof named === 'string' ? named : instancePath.slice(1).replaceAll('/', '.');
    if (!byField.has(field)) byField.set(field, wording(keyword, params) ?? message ?? 'is not valid');
  }
  return [...byField].map(([field, message]) => ({ field, message }));
}

function wording(keyword: string, params: Record<string, unknown>): string | undefined {
  if (keyword === 'additionalProperties') return 'is no parameter of this request';
  if (keyword === 'required') return 'is required';
  if (keyword === 'enum') return `must be one of ${[params.allowedValues].flat().join(', ')}`;
  if (keyword === 'pattern') return 'has characters that are not allowed';
  if (params.format === 'date-time') return 'must be a time with its zone, as 2026-01-31T12:00:00Z (+ is written %2B)';
  return undefined;
}
