import type { Bus, Listener } from '../ports.ts';

/** A Bus inside one process. Listeners run after `publish` has returned, as they would over a network. */
export function createMemoryBus(): Bus {
  const channels = new Map<string, readonly Listener[]>();

  return {
    async publish(channel, text) {
      const listeners = channels.get(channel) ?? [];
      queueMicrotask(() => {
        for (const listener of listeners) listener(text, channel);
      });
      return listeners.length;
    },
    async subscribe(channel, listener) {
      channels.set(channel, [...(channels.get(channel) ?? []), listener]);
      let ended = false;
      return async () => {
        if (ended) return;
        ended = true;
        const listeners = channels.get(channel) ?? [];
        const place = listeners.indexOf(listener);
        if (place < 0) return;
        const left = listeners.toSpliced(place, 1);
        if (left.length > 0) channels.set(channel, left);
        else channels.delete(channel);
      };
    },
    async close() {
      channels.clear();
    },
  };
}
