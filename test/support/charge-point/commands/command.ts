import type { Inside } from '../inside.ts';
import type { Payload } from '../wire.ts';

/** The charger answers with a CALLERROR. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
  readonly code: string;
  constructor(code: string, description: string) {
    super(description);
    this.code = code;
  }
}

/** The answer to a command and what the charger does once it has been sent. */
export type Reply = { readonly payload: Payload; readonly afterwards?: () => void | Promise<void> };

/** Does one command of the central system. Throws CommandRefused. */
export type Command = (inside: Inside, payload: Payload) => Reply;

/** A field that must be text. Throws CommandRefused. */
export function text(payload: Payload, field: string): string {
  const value = present(payload, field);
  if (typeof value !== 'string') throw new CommandRefused('TypeConstraintViolation', `${field} is not text`);
  return value;
}

/** A field that must be a whole number. Throws CommandRefused. */
export function integer(payload: Payload, field: string): number {
  const value = present(payload, field);
  if (!Number.isInteger(value)) throw new CommandRefused('TypeConstraintViolation', `${field} is not a whole number`);
  return value as number;
}

/** A reply that is only a status. */
export function status(word: string, afterwards?: Reply['afterwards']): Reply {
  return afterwards ? { payload: { status: word }, afterwards } : { payload: { status: word } };
}

function present(payload: Payload, field: string): unknown {
  const value = payload[field];
  if (value === undefined || value === null) {
    throw new CommandRefused('OccurenceConstraintViolation', `${field} is missing`);
  }
  return value;
}
