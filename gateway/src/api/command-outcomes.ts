import { writeJson } from '@voltgate/shared/ocpp16/json.ts';
import type { CommandOutcome } from '../commands.ts';
import { ProblemError } from './problem.ts';

type Headers = Readonly<Record<string, string>>;

const RETRY_AFTER_SECONDS = '5';

/** The payload that the charge point answered with, as JSON. Throws the problem of every other outcome, with `headers`. */
export function payloadOf(outcome: CommandOutcome, headers: Headers): string {
  if (outcome.outcome === 'answered') return writeJson(outcome.payload);
  throw problemOf(outcome, headers);
}

/** The problem of an outcome without an answer, with `headers`. */
export function problemOf(outcome: Exclude<CommandOutcome, { outcome: 'answered' }>, headers: Headers): ProblemError {
  const again = { headers: { ...headers, 'retry-after': RETRY_AFTER_SECONDS } };
  switch (outcome.outcome) {
    case 'rejected': {
      const { code: ocppErrorCode, description: ocppErrorDescription } = outcome;
      const detail = `The charge point refused with ${ocppErrorCode}${ocppErrorDescription && `: ${ocppErrorDescription}`}.`;
      return new ProblemError(502, 'call-error', detail, { headers, members: { ocppErrorCode, ocppErrorDescription } });
    }
    case 'timed-out':
      return new ProblemError(504, 'no-answer', 'The charge point did not answer in time: it may still happen.', {
        headers,
      });
    case 'expired':
      return new ProblemError(504, 'not-sent-in-time', 'It waited too long behind other commands and was not sent.', {
        headers,
      });
    case 'aborted':
      if (!outcome.sent) return offline(headers);
      return new ProblemError(
        504,
        'connection-lost',
        'The charge point went before it answered: it may still happen.',
        { headers },
      );
    case 'queue-full':
      return new ProblemError(429, 'queue-full', 'Too many commands wait for this charge point.', again);
    case 'charge-point-offline':
      return offline(headers);
    case 'registration': {
      const kind = outcome.status === 'Pending' ? 'registration-pending' : 'registration-rejected';
      return new ProblemError(
        409,
        kind,
        `The boot of the charge point is ${outcome.status}: it may not be told this.`,
        { headers },
      );
    }
    case 'unavailable':
      return new ProblemError(503, 'unavailable', 'Commands do not work right now; try again.', again);
  }
}

function offline(headers: Headers): ProblemError {
  return new ProblemError(409, 'charge-point-offline', 'The charge point is not connected: nothing was sent.', {
    headers,
  });
}
