import type { ServerResponse } from 'node:http';
import type { LiveEvent } from '@voltgate/shared/events.ts';
import { writeJson } from '@voltgate/shared/ocpp16/json.ts';

/** Server-sent events to one client. */
export type EventStream = {
  /** Says that some of what was missed may be missing. */
  gap(): void;
  /** Sends what was missed, at the pace of the reader; what happens meanwhile comes after it. */
  replay(missed: readonly LiveEvent[]): void;
  send(event: LiveEvent): void;
  end(): void;
};

/** A client that leaves more than this unread is ended: it can come back with Last-Event-ID. */
const MOST_UNREAD_BYTES = 262_144;
/** What was missed is sent while less than this is unread; more than what makes the response say `drain`. */
const REPLAY_BELOW_BYTES = 131_072;

/** Begins the stream; a comment every `heartbeatMs` keeps proxies from thinking it dead. */
export function openEventStream(response: ServerResponse, heartbeatMs: number): EventStream {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // nginx would gather events otherwise.
    'x-accel-buffering': 'no',
  });
  response.write('retry: 2000\n\n');
  let missed: Iterator<LiveEvent> | undefined;
  /** What happened during the replay. */
  let held = '';
  const heartbeat = setInterval(() => write(': still here\n\n'), heartbeatMs);
  response.on('close', () => clearInterval(heartbeat));
  response.on('drain', replayMore);

  const isOver = () => response.destroyed || response.writableEnded;

  function write(text: string): void {
    if (isOver()) return;
    if (response.writableLength + text.length > MOST_UNREAD_BYTES) response.destroy();
    else response.write(text);
  }

  function replayMore(): void {
    while (missed && !isOver() && response.writableLength < REPLAY_BELOW_BYTES) {
      const { value, done } = missed.next();
      if (!done) response.write(textOf(value));
      else {
        missed = undefined;
        if (held) write(held);
        held = '';
      }
    }
  }

  return {
    gap: () => write('event: gap\ndata: {}\n\n'),
    replay(events) {
      missed = events.values();
      replayMore();
    },
    send(event) {
      if (!missed) return write(textOf(event));
      held += textOf(event);
      if (held.length > REPLAY_BELOW_BYTES) response.destroy();
    },
    end: () => void response.end(),
  };
}

const textOf = (event: LiveEvent) => `id: ${event.id}\nevent: ${event.kind}\ndata: ${writeJson(event)}\n\n`;
