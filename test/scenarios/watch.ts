import type { TestContext } from 'node:test';
import type { LiveEvent } from '@voltgate/shared/events.ts';
import type { Stage } from './stage.ts';

/** What a client of the event stream has seen so far. */
export type Watch = {
  readonly events: readonly LiveEvent[];
  /** Names of all events, also of those that are none of ours. */
  readonly names: readonly string[];
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
  stop(): void;
};

/** Watches the event stream of a gateway until the test ends. Resolves when the stream is open. */
export async function watchEvents(
  t: TestContext,
  stage: Pick<Stage, 'cluster'>,
  query: string,
  { gateway = 0, lastEventId = '' } = {},
): Promise<Watch> {
  const abort = new AbortController();
  t.after(() => abort.abort());
  const response = await fetch(`${stage.cluster.gateways[gateway]?.apiUrl}/api/v1/events?${query}`, {
    headers: {
      authorization: `Bearer ${stage.cluster.apiKey}`,
      ...(lastEventId && { 'last-event-id': lastEventId }),
    },
    signal: abort.signal,
  });
  if (response.status !== 200 || !response.body) throw new Error(`${response.status} ${await response.text()}`);
  const events: LiveEvent[] = [];
  const names: string[] = [];
  const ended = read(response.body, (block) => {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
    const name = field('event');
    if (name === undefined) return;
    names.push(name);
    if (field('id') !== undefined) events.push(JSON.parse(field('data') ?? '') as LiveEvent);
  });
  return { events, names, ended, stop: () => abort.abort() };
}

async function read(body: ReadableStream<Uint8Array>, see: (block: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const bytes of body) {
      const blocks = (text + decoder.decode(bytes, { stream: true })).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) see(block);
    }
  } catch (error) {
    // Stopped by ourselves, or cut off with the server: ended either way.
    if (!(error instanceof Error)) throw error;
  }
}
