import type { Jobs, Letter } from './ports.ts';
import { isTracing, type Span, startSpan } from './tracing.ts';

/** Letters of one job that get spans of their own. */
export const MOST_TRACED = 32;

/** The same jobs; when this process traces, with a span for every traced letter until its job is accepted. */
export function traceJobs(jobs: Jobs): Jobs {
  if (!isTracing()) return jobs;
  return {
    ...jobs,
    tell: (letters) => published('tell', letters, jobs.tell),
    ask: (letter, replyTo) => published('ask', [letter], ([traced = letter]) => jobs.ask(traced, replyTo)),
  };
}

async function published(
  queue: string,
  letters: readonly Letter[],
  publish: (letters: readonly Letter[]) => Promise<void>,
): Promise<void> {
  if (!letters.some(({ traceparent }) => traceparent)) return await publish(letters);
  const spans: Span[] = [];
  const traced = letters.map((letter) => {
    if (letter.traceparent === undefined || spans.length >= MOST_TRACED) return letter;
    const span = startSpan({
      name: `${queue} publish`,
      kind: 'producer',
      traceparent: letter.traceparent,
      attributes: {
        'messaging.system': 'bullmq',
        'messaging.operation.name': 'publish',
        'messaging.operation.type': 'send',
        'messaging.destination.name': queue,
        'messaging.batch.message_count': letters.length,
      },
    });
    if (!span) return letter;
    spans.push(span);
    return { ...letter, traceparent: span.traceparent };
  });
  let failure: string | undefined = 'unavailable';
  try {
    await publish(traced);
    failure = undefined;
  } finally {
    for (const span of spans) span.end({}, failure);
  }
}
