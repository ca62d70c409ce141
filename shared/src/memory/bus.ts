import type { Bus } from '../ports.ts';

/** A Bus inside one process. Listeners run after `publish` has returned, as they would over a network. */
export function createMemoryBus(): Bus {
  const channels = new Map<string, Set<(text: string) => void>>();

  return {
    async publish(channel, text) {
      const listeners = [...(channels.get(channel) ?? [])];
      queueMicrotask(() => {
        for (const listener of listeners) listener(text);
      });
      return listeners.length;
    },
    async subscribe(channel, listener) {
      const listeners = channels.get(channel) ?? new Set();
      channels.set(channel, listeners.add(listener));
      return async () => {
        listeners.delete(listener);
        // A later subscription of the channel is not this one's to end.
        if (listeners.size === 0 && channels.get(channel) === listeners) channels.delete(channel);
      };
    },
    async close() {
      channels.clear();
    },
  };
}
