import { reply } from '@voltgate/shared/inbox.ts';
import type { Log } from '@voltgate/shared/log.ts';
import type { Metrics } from '@voltgate/shared/metrics.ts';
import type { HandleSettings } from '@voltgate/shared/ocpp16/define.ts';
import { OcppError } from '@voltgate/shared/ocpp16/errors.ts';
import type { Answer, Bus, Letter, ReplyTo, Store, Work } from '@voltgate/shared/ports.ts';
import { handleAsked, handleTold } from './handlers.ts';
import { traceHandled } from './trace-handled.ts';

export type WorkerParts = {
  readonly store: Store;
  readonly bus: Bus;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly settings: HandleSettings;
};

/**
 * What a worker does with letters. A failure is of one of two kinds: transient (the store is away, a deadlock) is thrown,
 * and the whole job runs again, which every handler bears; anything else no retry can help, so a set is halved until the
 * bad letter stands alone and is kept as a dead letter, and an ask is answered InternalError.
 */
export function createWork({ store, bus, log, metrics, settings }: WorkerParts): Work {
  async function tell(letters: readonly Letter[]): Promise<void> {
    for (const [action, set] of Map.groupBy(letters, (letter) => letter.action)) await handleSet(action, set);
  }

  async function handleSet(action: string, letters: readonly Letter[]): Promise<void> {
    const stop = metrics.handleSeconds.startTimer({ way: 'tell' });
    try {
      await traceHandled(action, letters, () => handleTold(store, action, letters));
    } catch (error) {
      if (store.isTransient(error)) throw error;
      if (letters.length === 1) return await bury(letters, error);
      const half = letters.length >> 1;
      await handleSet(action, letters.slice(0, half));
      return await handleSet(action, letters.slice(half));
    }
    stop();
    done(letters, 'tell');
  }

  async function ask(letter: Letter, replyTo: ReplyTo): Promise<void> {
    const stop = metrics.handleSeconds.startTimer({ way: 'ask' });
    const answer = await answerTo(letter);
    stop();
    await reply(bus, replyTo, answer).catch((error: unknown) => {
      log.warn({ err: error, action: letter.action, traceId: letter.traceId }, 'answer could not be sent');
    });
  }

  async function answerTo(letter: Letter): Promise<Answer> {
    try {
      const payload = await traceHandled(letter.action, [letter], () => handleAsked(store, letter, settings));
      done([letter], 'ask');
      return { payload };
    } catch (error) {
      if (store.isTransient(error)) throw error;
      if (error instanceof OcppError) return { error: { code: error.code, description: error.message } };
      await bury([letter], error);
      return { error: { code: 'InternalError', description: 'the message could not be handled' } };
    }
  }

  async function bury(letters: readonly Letter[], error: unknown): Promise<void> {
    for (const letter of letters) {
      log.error(
        { err: error, chargePointId: letter.chargePointId, action: letter.action, traceId: letter.traceId },
        'dead letter',
      );
      await store.deadLetter(letter, error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      metrics.handled.inc({ action: letter.action, outcome: 'dead' });
      metrics.deadLetters.inc();
    }
  }

  function done(letters: readonly Letter[], way: 'tell' | 'ask'): void {
    const now = Date.now();
    for (const letter of letters) {
      metrics.letterAgeSeconds.observe({ way }, (now - letter.receivedAtMs) / 1_000);
      log.debug(
        { chargePointId: letter.chargePointId, action: letter.action, traceId: letter.traceId },
        'letter handled',
      );
    }
    const first = letters[0];
    if (first) metrics.handled.inc({ action: first.action, outcome: 'done' }, letters.length);
  }

  return { tell, ask };
}
