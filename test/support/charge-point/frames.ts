import { WaitedTooLong } from './conditions.ts';
import type { Message } from './wire.ts';

/** One text frame on the socket, as the charger saw it. */
export type Frame = {
  readonly direction: 'sent' | 'received';
  /** By the real clock, ms since 1970. */
  readonly atMs: number;
  readonly text: string;
  readonly message: Message;
};

/** The frames of one charger: a bounded memory and those who listen. */
export type Frames = {
  add(direction: Frame['direction'], text: string, message: Message): void;
  /** The newest frames, oldest first; at most as many as are kept. */
  kept(): Frame[];
  listen(listener: (frame: Frame) => void): () => void;
  /** Resolves to the first frame from now on, in either direction, that fits; rejects with WaitedTooLong. */
  next(fits: (frame: Frame) => boolean, timeoutMs: number): Promise<Frame>;
};

/** Creates the memory of the newest `limit` frames; 0 keeps none. */
export function createFrames(limit: number): Frames {
  const ring: Frame[] = [];
  let oldest = 0;
  const listeners = new Set<(frame: Frame) => void>();

  function add(direction: Frame['direction'], text: string, message: Message): void {
    if (limit === 0 && listeners.size === 0) return;
    const frame: Frame = { direction, atMs: Date.now(), text, message };
    if (ring.length < limit) ring.push(frame);
    else if (limit > 0) {
      ring[oldest] = frame;
      oldest = (oldest + 1) % limit;
    }
    for (const listener of [...listeners]) listener(frame);
  }

  function listen(listener: (frame: Frame) => void): () => void {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  function next(fits: (frame: Frame) => boolean, timeoutMs: number): Promise<Frame> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        unlisten();
        reject(new WaitedTooLong(`no such frame within ${timeoutMs} ms`));
      }, timeoutMs);
      const unlisten = listen((frame) => {
        if (!fits(frame)) return;
        clearTimeout(timer);
        unlisten();
        resolve(frame);
      });
    });
  }

  return { add, kept: () => [...ring.slice(oldest), ...ring.slice(0, oldest)], listen, next };
}
