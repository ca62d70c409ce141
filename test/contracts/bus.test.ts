import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { chargePointChannel } from '@voltgate/shared/channels.ts';
import { createInbox, NoAnswer, reply } from '@voltgate/shared/inbox.ts';
import { busAdapters } from '../support/adapters.ts';
import { until } from '../support/until.ts';

for (const adapter of busAdapters) {
  describe(`Bus: ${adapter.name}`, { skip: adapter.skip }, () => {
    test('what is published reaches every listener of the channel, in order, and nobody else', async (t) => {
      const [one, two] = await adapter.open(t, 2);
      const channel = randomUUID();
      const heard: string[] = [];
      const others: string[] = [];
      await two.subscribe(channel, (text) => heard.push(text));
      await two.subscribe(`${channel}:other`, (text) => others.push(text));
      for (let count = 0; count < 100; count++) assert.equal(await one.publish(channel, `${count}`), 1);
      await until(() => heard.length === 100);
      assert.deepEqual(
        heard,
        Array.from({ length: 100 }, (_, count) => `${count}`),
      );
      assert.deepEqual(others, []);
    });

    test('a publish that nobody hears says so', async (t) => {
      const [bus] = await adapter.open(t, 1);
      assert.equal(await bus.publish(randomUUID(), 'x'), 0);
    });

    test('an ended subscription hears no more, another on the same channel still does', async (t) => {
      const [bus] = await adapter.open(t, 1);
      const channel = randomUUID();
      const first: string[] = [];
      const second: string[] = [];
      const end = await bus.subscribe(channel, (text) => first.push(text));
      await bus.subscribe(channel, (text) => second.push(text));
      await bus.publish(channel, 'a');
      await until(() => first.length === 1 && second.length === 1);
      await end();
      await bus.publish(channel, 'b');
      await until(() => second.length === 2);
      assert.deepEqual(first, ['a']);
    });

    test('everyone who subscribes to one channel at one time hears what is published from then on', async (t) => {
      const [one, two] = await adapter.open(t, 2);
      for (let round = 0; round < 20; round++) {
        const channel = chargePointChannel(randomUUID());
        const heard: number[] = [];
        void one.subscribe(channel, () => heard.push(1));
        await one.subscribe(channel, () => heard.push(2));
        assert.equal((await two.publish(channel, 'x')) > 0, true);
        await until(() => heard.length === 2);
      }
    });

    test('an end that comes twice does not end a later subscription of the channel', async (t) => {
      const [one, two] = await adapter.open(t, 2);
      const channel = chargePointChannel(randomUUID());
      const heard: string[] = [];
      const end = await one.subscribe(channel, () => undefined);
      await end();
      const subscribed = one.subscribe(channel, (text) => heard.push(text));
      await end();
      await subscribed;
      assert.equal(await two.publish(channel, 'a'), 1);
      await until(() => heard.length === 1);
    });

    test('one listener on many channels is told which one it was, and ends on each by itself', async (t) => {
      const [one, two] = await adapter.open(t, 2);
      const channels = [chargePointChannel(randomUUID()), chargePointChannel(randomUUID())] as const;
      const heard: string[] = [];
      const listener = (text: string, channel: string) => heard.push(`${text} ${channel}`);
      const end = await one.subscribe(channels[0], listener);
      await one.subscribe(channels[1], listener);
      await one.subscribe(channels[1], listener);
      for (const channel of channels) await two.publish(channel, 'a');
      await until(() => heard.length === 3);
      assert.deepEqual(heard.toSorted(), [`a ${channels[0]}`, `a ${channels[1]}`, `a ${channels[1]}`].toSorted());
      await end();
      assert.equal(await two.publish(channels[0], 'b'), 0);
      await two.publish(channels[1], 'b');
      await until(() => heard.length === 5);
    });

    test('of a listener that subscribed a channel twice one end leaves the other, however often it comes', async (t) => {
      const [one, two] = await adapter.open(t, 2);
      const channel = chargePointChannel(randomUUID());
      const heard: string[] = [];
      const listener = (text: string) => heard.push(text);
      const end = await one.subscribe(channel, listener);
      await one.subscribe(channel, listener);
      await end();
      await end();
      await two.publish(channel, 'a');
      await until(() => heard.length === 1);
    });

    test('the channels of a thousand charge points come and go', async (t) => {
      const [one, two] = await adapter.open(t, 2);
      const ids = Array.from({ length: 1_000 }, () => randomUUID());
      const heard = new Set<string>();
      const ends = await Promise.all(ids.map((id) => one.subscribe(chargePointChannel(id), (text) => heard.add(text))));
      const reached = await Promise.all(ids.map((id) => two.publish(chargePointChannel(id), id)));
      assert.ok(reached.every((listeners) => listeners === 1));
      await until(() => heard.size === ids.length);
      await Promise.all(ends.map((end) => end()));
      const after = await Promise.all(ids.map((id) => two.publish(chargePointChannel(id), id)));
      assert.ok(after.every((listeners) => listeners === 0));
    });

    test('an inbox gets the answer to its own question, whichever process sends it', async (t) => {
      const [asking, answering] = await adapter.open(t, 2);
      const inbox = await createInbox(asking);
      t.after(() => inbox.close());
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, count) =>
          inbox.request(
            async (replyTo) =>
              void setTimeout(() => void reply(answering, replyTo, { payload: count }), Math.random() * 20),
            5_000,
          ),
        ),
      );
      assert.deepEqual(
        answers,
        Array.from({ length: 50 }, (_, count) => ({ payload: count })),
      );
      assert.equal(inbox.pending(), 0);
    });

    test('a question without an answer ends with NoAnswer, and a late answer disturbs nothing', async (t) => {
      const [bus] = await adapter.open(t, 1);
      const inbox = await createInbox(bus);
      t.after(() => inbox.close());
      let late: (() => Promise<void>) | undefined;
      await assert.rejects(
        inbox.request(async (replyTo) => {
          late = () => reply(bus, replyTo, { payload: 'late' });
        }, 20),
        NoAnswer,
      );
      await late?.();
      assert.deepEqual(await inbox.request(async (replyTo) => reply(bus, replyTo, { payload: 'mine' }), 1_000), {
        payload: 'mine',
      });
    });
  });
}
