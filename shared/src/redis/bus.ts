import type { Redis } from 'ioredis';
import type { Bus } from '../ports.ts';

/** Bus over Redis pub/sub. At most once: what is published while a listener's connection is down is not seen by it. */
export function createRedisBus(publisher: Redis, subscriber: Redis): Bus {
  const channels = new Map<string, Set<(text: string) => void>>();
  subscriber.on('message', (channel: string, text: string) => {
    for (const listener of channels.get(channel) ?? []) listener(text);
  });

  return {
    publish: (channel, text) => publisher.publish(channel, text),
    async subscribe(channel, listener) {
      const listeners = channels.get(channel) ?? new Set();
      channels.set(channel, listeners.add(listener));
      if (listeners.size === 1) await subscriber.subscribe(channel);
      return async () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        // Nothing is left to end when the bus was closed before.
        if (!channels.delete(channel)) return;
        await subscriber.unsubscribe(channel);
      };
    },
    async close() {
      channels.clear();
      subscriber.disconnect();
      publisher.disconnect();
    },
  };
}
