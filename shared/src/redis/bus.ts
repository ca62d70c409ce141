import { Cluster } from 'ioredis';
import type { Bus, Listener } from '../ports.ts';
import { withinMs } from '../within.ts';
import type { Client } from './client.ts';

type Listening = {
  /** Replaced, never changed: whoever goes through them is not disturbed by one that leaves. */
  listeners: readonly Listener[];
  /** Resolves when Redis has confirmed the subscription; gone from then on, as there are as many of these as chargers. */
  confirmed: Promise<void> | undefined;
};

/** Pause before a subscription that a Redis Cluster refused, because its slots are on the move, is tried again. */
const TRY_AGAIN_MS = 100;
/** A Redis that hangs holds up nobody who leaves a channel. */
const LEAVE_WITHIN_MS = 1_000;

/**
 * Bus over Redis pub/sub; sharded pub/sub in a Redis Cluster, where the count of a publish is that of the one node all
 * listeners of a channel are on. At most once: what is published while a listener's connection is down is not seen by it.
 */
export function createRedisBus(publisher: Client, subscriber: Client): Bus {
  const channels = new Map<string, Listening>();
  const pubSub = subscriber instanceof Cluster ? sharded(publisher, subscriber) : plain(publisher, subscriber);
  pubSub.onMessage((channel, text) => {
    for (const listener of channels.get(channel)?.listeners ?? []) listener(text, channel);
  });

  async function confirm(channel: string, entry: Listening): Promise<void> {
    for (;;) {
      try {
        await pubSub.subscribe(channel);
        entry.confirmed = undefined;
        return;
      } catch (error) {
        // Closed, or nobody is interested any more.
        if (channels.get(channel) !== entry || subscriber.status === 'end') throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_MS));
    }
  }

  // A function of its own, so that what is kept of a subscription holds nothing of how it came about.
  function endOnce(channel: string, entry: Listening, listener: Listener): () => Promise<void> {
    let ended = false;
    return async () => {
      if (ended) return;
      ended = true;
      await leave(channel, entry, listener);
    };
  }

  async function leave(channel: string, entry: Listening, listener: Listener): Promise<void> {
    entry.listeners = entry.listeners.toSpliced(entry.listeners.indexOf(listener), 1);
    // Somebody else listens, or a later subscription of the channel is not this one's to end.
    if (entry.listeners.length > 0 || channels.get(channel) !== entry) return;
    channels.delete(channel);
    const left = pubSub.unsubscribe(channel);
    // With Redis away the command waits until it is back; nobody else should.
    if (subscriber.status === 'ready') return void (await withinMs(LEAVE_WITHIN_MS, left));
    left.catch(() => undefined);
  }

  return {
    publish: (channel, text) => pubSub.publish(channel, text),
    async subscribe(channel, listener) {
      let entry = channels.get(channel);
      if (entry) entry.listeners = [...entry.listeners, listener];
      else {
        entry = { listeners: [listener], confirmed: undefined };
        channels.set(channel, entry);
        entry.confirmed = confirm(channel, entry);
      }
      await entry.confirmed;
      return endOnce(channel, entry, listener);
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
