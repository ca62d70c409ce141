import type { Letter } from '@voltgate/shared/ports.ts';
import { MOST_TRACED } from '@voltgate/shared/trace-jobs.ts';
import { type Span, startSpan, within } from '@voltgate/shared/tracing.ts';

/**
 * Handles letters of one action with a span for each traced one, in that letter's own trace, at most `MOST_TRACED`. What a set
 * says to the database it says once: those spans are below the first letter's, and the others link to it.
 */
export async function traceHandled<T>(
  action: string,
  letters: readonly Letter[],
  handle: () => Promise<T>,
): Promise<T> {
  const spans = spansOf(action, letters);
  let failure: string | undefined = 'error';
  try {
    const result = await within(spans[0], handle);
    failure = undefined;
    return result;
  } catch (error) {
    if (error instanceof Error) failure = error.name;
    throw error;
  } finally {
    for (const span of spans) span.end({}, failure);
  }
}

function spansOf(action: string, letters: readonly Letter[]): Span[] {
  const spans: Span[] = [];
  for (const { traceparent, chargePointId } of letters) {
    if (traceparent === undefined) continue;
    if (spans.length >= MOST_TRACED) break;
    const span = startSpan({
      name: `ocpp.handle ${action}`,
      kind: 'consumer',
      traceparent,
      links: spans[0] ? [spans[0].traceparent] : [],
      attributes: {
        'messaging.system': 'bullmq',
        'messaging.operation.name': 'handle',
        'messaging.operation.type': 'process',
        'messaging.batch.message_count': letters.length,
        'ocpp.action': action,
        ...(chargePointId && { 'charge_point.id': chargePointId }),
      },
    });
    if (span) spans.push(span);
  }
  return spans;
}
