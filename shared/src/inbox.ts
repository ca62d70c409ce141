import { randomUUID } from 'node:crypto';
import { parseJson, writeJson } from './ocpp16/json.ts';
import type { Answer, Bus, ReplyTo } from './ports.ts';

/** The answer did not come in time: what became of the question is unknown. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** Request and reply over the Bus: one reply channel per process, a map of tokens. */
export type Inbox = {
  /**
   * Calls `send` with the address to answer to and resolves with the answer. Rejects with NoAnswer after `timeoutMs`, or
   * as `send` did. An answer after that is ignored.
   */
  request(send: (replyTo: ReplyTo) => Promise<void>, timeoutMs: number): Promise<Answer>;
  readonly pending: () => number;
  close(): Promise<void>;
};

type Waiting = {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
};

/** Subscribes the process's reply channel; resolves once it listens. */
export async function createInbox(bus: Bus): Promise<Inbox> {
  const channel = `voltgate:inbox:${randomUUID()}`;
  const waiting = new Map<string, Waiting>();
  let count = 0;
  const unsubscribe = await bus.subscribe(channel, (text) => {
    const { token, answer } = parseJson(text) as Reply;
    settle(token)?.resolve(answer);
  });

  function settle(token: string): Waiting | undefined {
    const entry = waiting.get(token);
    if (!entry) return undefined;
    waiting.delete(token);
    clearTimeout(entry.timer);
    return entry;
  }

  function request(send: (replyTo: ReplyTo) => Promise<void>, timeoutMs: number): Promise<Answer> {
    count += 1;
    const token = count.toString(36);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => settle(token)?.reject(new NoAnswer(`no answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
      waiting.set(token, { resolve, reject, timer });
      send({ channel, token }).catch((error: unknown) => settle(token)?.reject(error));
    });
  }

  async function close(): Promise<void> {
    for (const token of [...waiting.keys()]) settle(token)?.reject(new NoAnswer('the process is stopping'));
    await unsubscribe();
  }

  return { request, pending: () => waiting.size, close };
}

type Reply = { readonly token: string; readonly answer: Answer };

/** Sends an answer to whoever asked. At most once: a lost one is a NoAnswer on the other side. */
export async function reply(bus: Bus, replyTo: ReplyTo, answer: Answer): Promise<void> {
  const message: Reply = { token: replyTo.token, answer };
  await bus.publish(replyTo.channel, writeJson(message));
}
