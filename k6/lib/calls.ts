import { clearTimeout, setTimeout } from 'k6/timers';
import { callDuration, callErrors, callTimeouts } from './metrics.ts';
import { settings } from './settings.ts';

export type Payload = Record<string, unknown>;

/** Why a Call has no result: `closed` and `timed-out` say nothing about what became of it. */
export type Failure = { readonly why: 'refused' | 'timed-out' | 'closed'; readonly code: string };
export type Answer = { readonly conf: Payload } | Failure;

/** The Calls of one connection. */
export type Calls = {
  /** Sends it when those before are answered [OCPP-J 1.6, 4.1.1]. Never rejects. */
  call(action: string, payload: Payload): Promise<Answer>;
  /** Takes a frame; a Call of the central system goes to `asked`. */
  received(text: string): void;
  closed(): void;
};

/** What a charger answers to a Call; undefined = NotImplemented. May take its time. */
export type Respond = (action: string, payload: Payload) => Promise<Payload | undefined>;

type Pending = { readonly id: string; readonly settle: (answer: Answer) => void };

/** Message ids of a charger begin with `prefix`: no two of its connections share one. */
export function createCalls(prefix: string, send: (text: string) => void, respond: Respond): Calls {
  let count = 0;
  let open = true;
  let pending: Pending | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  function ask(action: string, payload: Payload): Promise<Answer> {
    if (!open) return Promise.resolve({ why: 'closed', code: '' });
    const id = `${prefix}${++count}`;
    const sentAtMs = Date.now();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        callTimeouts.add(1, { action });
        settle({ why: 'timed-out', code: '' });
      }, settings.callTimeoutMs);
      function settle(answer: Answer): void {
        clearTimeout(timer);
        pending = undefined;
        if ('conf' in answer) callDuration.add(Date.now() - sentAtMs, { action });
        else if (answer.why === 'refused') callErrors.add(1, { action, code: answer.code });
        resolve(answer);
      }
      pending = { id, settle };
      send(JSON.stringify([2, id, action, payload]));
    });
  }

  async function answer(id: string, action: string, payload: Payload): Promise<void> {
    const conf = await respond(action, payload);
    if (!open) return;
    send(JSON.stringify(conf ? [3, id, conf] : [4, id, 'NotImplemented', '', {}]));
  }

  return {
    call(action, payload) {
      const answered = turn.then(() => ask(action, payload));
      turn = answered;
      return answered;
    },
    received(text) {
      const frame = JSON.parse(text) as [number, string, string, Payload] | [number, string, Payload];
      const [type, id] = frame;
      if (type === 2) void answer(id, frame[2] as string, frame[3] as Payload);
      else if (pending?.id !== id) return;
      else if (type === 3) pending.settle({ conf: frame[2] as Payload });
      else pending.settle({ why: 'refused', code: String(frame[2]) });
    },
    closed() {
      open = false;
      pending?.settle({ why: 'closed', code: '' });
    },
  };
}
