import { texts } from './arrays.ts';
import type { Sql } from './client.ts';
import { fieldOf } from './fields.ts';

/** A command with its CALLRESULT. Both payloads are a charger's or a caller's: every field is looked at before it is used. */
export type Answered = {
  readonly commandId: string;
  readonly chargePointId: string;
  readonly action: string;
  readonly payload: unknown;
  readonly response: unknown;
  /** When it was sent. */
  readonly since: Date;
  /** When it was answered: what is newest is decided by this. */
  readonly at: Date;
};

/** Longest time from asking for a command to its answer, late ones included. */
const LONGEST_MS = 86_400_000;

/** What the charge point answered after this answer to some actions: it has been kept already when letters overtake. */
export async function laterAnswers(
  sql: Sql,
  answered: Answered,
  actions: readonly string[],
): Promise<Pick<Answered, 'action' | 'payload' | 'response'>[]> {
  return sql<Pick<Answered, 'action' | 'payload' | 'response'>[]>`
    select action, payload, response from command
    where charge_point_id = ${answered.chargePointId} and created_at > ${new Date(answered.at.getTime() - LONGEST_MS)}
      and ended_at > ${answered.at} and response is not null and action = any (${texts(actions)}::text[])`;
}

/** The status of a conf; undefined when it has none. */
export function statusOf(answered: Pick<Answered, 'response'>): string | undefined {
  const status = fieldOf(answered.response, 'status');
  return typeof status === 'string' ? status : undefined;
}
