import { Full } from '@voltgate/shared/gather.ts';
import type { Inbox } from '@voltgate/shared/inbox.ts';
import { OcppError } from '@voltgate/shared/ocpp16/errors.ts';
import type { Jobs, Letter } from '@voltgate/shared/ports.ts';
import { newTraceId } from '@voltgate/shared/trace.ts';

type AskedLetter<Payload, Result> = {
  readonly name: string;
  readonly way: 'ask';
  readonly write: (payload: Payload) => string;
  readonly handle: (store: never, text: string) => Promise<Result>;
};

/** Asks a worker one of the gateway's own letters. Rejects like `Asks.ask`. */
export type AskWorker = <Payload, Result>(
  letter: AskedLetter<Payload, Result>,
  chargePointId: string,
  payload: Payload,
) => Promise<Result>;

/** Questions to workers. */
export type Asks = {
  /**
   * The payload a worker answers with. Rejects with OcppError when the worker refuses, NoAnswer past the deadline,
   * JobsUnavailable when the queue is away, Full when too many questions are open.
   */
  ask(letter: Letter): Promise<unknown>;
  readonly askWorker: AskWorker;
  readonly pending: () => number;
};

export type AsksOptions = {
  readonly inbox: Inbox;
  readonly jobs: Jobs;
  readonly gatewayId: string;
  readonly timeoutMs: number;
  readonly maxPending: number;
};

/** Puts asks on the road and waits for their answers in the inbox. */
export function createAsks({ inbox, jobs, gatewayId, timeoutMs, maxPending }: AsksOptions): Asks {
  async function ask(letter: Letter): Promise<unknown> {
    if (inbox.pending() >= maxPending) throw new Full(`${maxPending} questions are open already`);
    const answer = await inbox.request((replyTo) => jobs.ask(letter, replyTo), timeoutMs);
    if ('error' in answer) throw new OcppError(answer.error.code, answer.error.description);
    return answer.payload;
  }

  const askWorker: AskWorker = async (letter, chargePointId, payload) => {
    const text = letter.write(payload);
    const answer = await ask({
      action: letter.name,
      chargePointId,
      connectionId: gatewayId,
      receivedAtMs: Date.now(),
      traceId: newTraceId(),
      text,
    });
    // Both ends share the letter's definition, so the answer is of its Result.
    return answer as never;
  };

  return { ask, askWorker, pending: inbox.pending };
}
