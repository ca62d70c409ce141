import { createHash } from 'node:crypto';
import type { Outcomes } from '@voltgate/shared/ports.ts';
import type { FastifyRequest } from 'fastify';
import { ProblemError, problemDocument, unavailable } from './problem.ts';

/** An answer that can be kept and sent again. */
export type Written = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Runs a request once per `Idempotency-Key` of its sender. */
export type Idempotency = {
  /**
   * What `run` writes, or under a key that was used before what it wrote then. `about` = everything that makes two
   * requests the same. Throws the problem of a key of another request, or of one that is still under way.
   */
  once(request: FastifyRequest, about: unknown, run: () => Promise<Written>): Promise<Written>;
};

const KEPT_MS = 24 * 3_600_000;
/** Ends an entry at once: the port has no other way to take a key back. */
const AT_ONCE_MS = 1;
const TAKEN_BACK = '';
const LONGEST_KEY = 255;
/** Redis is away for a moment: a key that stayed under way would refuse its sender for 24 hours. */
const KEEP_AGAIN_MS = [1_000, 5_000, 15_000, 45_000];

/**
 * Keeps first outcomes for 24 hours. Those that say "try again later" are not kept: nothing was done. A process that dies
 * in between leaves its key under way, since nobody knows what became of the request.
 */
export function createIdempotency(outcomes: Outcomes): Idempotency {
  async function once(request: FastifyRequest, about: unknown, run: () => Promise<Written>): Promise<Written> {
    const given = request.headers['idempotency-key'];
    if (given === undefined) return await run();
    const key = keyOf(request, given);
    const begun = await away(outcomes.begin(key, digest(JSON.stringify(about)), KEPT_MS));
    switch (begun.state) {
      case 'other-request':
        throw new ProblemError(422, 'idempotency-key-reused', 'The Idempotency-Key belongs to another request.');
      case 'under-way':
        throw underWay();
      case 'settled':
        if (begun.outcome === TAKEN_BACK) throw underWay();
        return read(begun.outcome);
      case 'begun':
        return await runFirst(request, key, run);
    }
  }

  async function runFirst(request: FastifyRequest, key: string, run: () => Promise<Written>): Promise<Written> {
    try {
      const written = await run().catch((error: unknown) => problemWritten(request, error));
      await keep(request, key, JSON.stringify(written), KEPT_MS);
      return written;
    } catch (error) {
      await keep(request, key, TAKEN_BACK, AT_ONCE_MS);
      throw error;
    }
  }

  // What was done is done: that it cannot be kept must not hide its outcome, nor hold it up.
  async function keep(
    request: FastifyRequest,
    key: string,
    outcome: string,
    ttlMs: number,
    attempt = 0,
  ): Promise<void> {
    try {
      await outcomes.settle(key, outcome, ttlMs);
    } catch (error) {
      const againMs = KEEP_AGAIN_MS[attempt];
      request.log.warn({ err: error, againMs }, 'first outcome not kept');
      if (againMs !== undefined)
        setTimeout(() => void keep(request, key, outcome, ttlMs, attempt + 1), againMs).unref();
    }
  }

  return { once };
}

function keyOf(request: FastifyRequest, given: string | string[]): string {
  if (typeof given !== 'string' || given === '' || given.length > LONGEST_KEY)
    throw new ProblemError(400, 'bad-request', `Idempotency-Key must have 1 to ${LONGEST_KEY} characters.`);
  return digest(JSON.stringify([request.apiKey?.name, given]));
}

/** A problem that is an outcome; anything else is thrown on. */
function problemWritten(request: FastifyRequest, error: unknown): Written {
  if (!(error instanceof ProblemError) || error.status === 429 || error.status === 503) throw error;
  return {
    status: error.status,
    headers: { ...error.headers, 'content-type': 'application/problem+json' },
    body: JSON.stringify(problemDocument(request, error)),
  };
}

function underWay(): ProblemError {
  return new ProblemError(409, 'idempotency-key-under-way', 'The first request with this key is still under way.');
}

// Written by `runFirst` of this or another gateway.
const read = (outcome: string): Written => JSON.parse(outcome) as Written;

const digest = (text: string) => createHash('sha256').update(text).digest('base64url');

async function away<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw unavailable('Idempotency keys cannot be looked up right now.', error);
  }
}
