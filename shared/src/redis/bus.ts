import { Cluster } from 'ioredis';
import type { Bus } from '../ports.ts';
import type { Client } from './client.ts';

type Listening = {
  readonly listeners: Set<(text: string) => void>;
  /** Resolves when Redis has confirmed the subscription. */
  readonly confirmed: Promise<void>;
};

/** Pause before a subscription that a Redis Cluster refused, because its slots are on the move, is tried again. */
const TRY_AGAIN_MS = 100;

/**
 * Bus over Redis pub/sub; sharded pub/sub in a Redis Cluster, where the count of a publish is that of the one node all
 * listeners of a channel are on. At most once: what is published while a listener's connection is down is not seen by it.
 */
export function createRedisBus(publisher: Client, subscriber: Client): Bus {
  const channels = new Map<string, Listening>();
  const pubSub = subscriber instanceof Cluster ? sharded(publisher, subscriber) : plain(publisher, subscriber);
  pubSub.onMessage((channel, text) => {
    for (const listener of channels.get(channel)?.listeners ?? []) listener(text);
  });

  function listen(channel: string): Listening {
    const entry: Listening = { listeners: new Set(), confirmed: confirm() };
    channels.set(channel, entry);
    return entry;

    async function confirm(): Promise<void> {
      for (;;) {
        try {
          return await pubSub.subscribe(channel);
        } catch (error) {
          // Closed, or nobody is interested any more.
          if (channels.get(channel) !== entry || subscriber.status === 'end') throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
      }
    }
  }

  return {
    publish: (channel, text) => pubSub.publish(channel, text),
    async subscribe(channel, listener) {
      const entry = channels.get(channel) ?? listen(channel);
      entry.listeners.add(listener);
      await entry.confirmed;
      return async () => {
        entry.listeners.delete(listener);
        // Somebody else listens, or a later subscription of the channel is not this one's to end.
        if (entry.listeners.size > 0 || channels.get(channel) !== entry) return;
        channels.delete(channel);
        await pubSub.unsubscribe(channel);
      };
    },
    async close() {
      channels.clear();
      subscriber.disconnect();
      publisher.disconnect();
    },
  };
}

type PubSub = {
  publish(channel: string, text: string): Promise<number>;
  subscribe(channel: string): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  onMessage(listener: (channel: string, text: string) => void): void;
};

function plain(publisher: Client, subscriber: Client): PubSub {
  return {
    publish: (channel, text) => publisher.publish(channel, text),
    subscribe: async (channel) => void (await subscriber.subscribe(channel)),
    unsubscribe: async (channel) => void (await subscriber.unsubscribe(channel)),
    onMessage: (listener) => void subscriber.on('message', listener),
  };
}

function sharded(publisher: Client, subscriber: Client): PubSub {
  return {
    publish: async (channel, text) => Number(await publisher.spublish(channel, text)),
    subscribe: async (channel) => void (await subscriber.ssubscribe(channel)),
    unsubscribe: async (channel) => void (await subscriber.sunsubscribe(channel)),
    onMessage: (listener) => void subscriber.on('smessage', listener),
  };
}
