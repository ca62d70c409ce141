import { CommandRefused } from './commands/command.ts';
import { COMMANDS } from './commands/index.ts';
import type { Frames } from './frames.ts';
import type { Inside } from './inside.ts';
import { count } from './tally.ts';
import { errorText, type Message, type Payload, readFrame, resultText } from './wire.ts';

/**
 * A story's own answer to a command: a payload, `null` for no answer at all, or a thrown CommandRefused for a CALLERROR.
 * The charger then does nothing else.
 */
export type OwnAnswer = (payload: Payload) => Payload | null | Promise<Payload | null>;

export type IntakeOptions = {
  readonly inside: Inside;
  readonly frames: Frames;
  readonly send: (text: string, message: Message) => void;
  readonly ownAnswers: ReadonlyMap<string, OwnAnswer>;
  readonly onAnswer: () => void;
};

/** Creates what takes every text frame of the central system. */
export function createIntake({ inside, frames, send, ownAnswers, onAnswer }: IntakeOptions): (text: string) => void {
  const { calls, settings, tally } = inside;

  function take(text: string): void {
    const message = readFrame(text);
    tally.framesReceived += 1;
    frames.add('received', text, message);
    if (message.type === 'call') void takeCall(message.id, message.action, message.payload);
    else if (message.type === 'other') tally.unreadableFrames += 1;
    else if (calls.settle(message)) {
      if (message.type === 'error') count(tally.callErrorCodes, message.code);
      onAnswer();
    } else tally.unexpectedAnswers += 1;
  }

  async function takeCall(id: string, action: string, payload: Payload): Promise<void> {
    count(tally.commands, action);
    if (settings.quirks.has('ignores-calls')) return;
    let afterwards: (() => void | Promise<void>) | undefined;
    try {
      const own = ownAnswers.get(action);
      if (own) {
        const answer = await own(payload);
        if (answer) result(id, answer);
        return;
      }
      const command = COMMANDS.get(action);
      if (!command) throw new CommandRefused('NotImplemented', `${action} is unknown`);
      const reply = command(inside, payload);
      result(id, reply.payload);
      afterwards = reply.afterwards;
    } catch (error) {
      const code = error instanceof CommandRefused ? error.code : 'InternalError';
      const description = error instanceof Error ? error.message : String(error);
      send(errorText(id, code, description), { type: 'error', id, code, description, details: {} });
    }
    await afterwards?.();
  }

  function result(id: string, payload: Payload): void {
    send(resultText(id, payload), { type: 'result', id, payload });
  }

  return take;
}
