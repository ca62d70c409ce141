import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { JobsUnavailable, type Letter } from '@voltgate/shared/ports.ts';
import { jobsAdapters } from '../support/adapters.ts';
import { until } from '../support/until.ts';

const letter = (text: string): Letter => ({
  action: 'MeterValues',
  chargePointId: 'CP',
  connectionId: 'c',
  receivedAtMs: Date.now(),
  traceId: 't',
  text,
});
const concurrency = { tellConcurrency: 4, askConcurrency: 4 };

for (const adapter of jobsAdapters) {
  describe(`Jobs: ${adapter.name}`, { skip: adapter.skip }, () => {
    test('every accepted letter is handled, with its text to the last byte', async (t) => {
      const jobs = await adapter.open(t);
      const handled: string[] = [];
      const stop = await jobs.work(
        { tell: async (letters) => void handled.push(...letters.map(({ text }) => text)), ask: async () => undefined },
        concurrency,
      );
      t.after(stop);
      const sent = Array.from({ length: 200 }, (_, count) => `[2,"${count}","MeterValues",{"é":9223372036854775807}]`);
      for (let index = 0; index < sent.length; index += 20) await jobs.tell(sent.slice(index, index + 20).map(letter));
      await until(() => handled.length >= sent.length);
      assert.deepEqual(handled.toSorted(), sent.toSorted());
    });

    test('an ask reaches a worker with the address of its asker', async (t) => {
      const jobs = await adapter.open(t);
      const asked: unknown[] = [];
      t.after(
        await jobs.work(
          { tell: async () => undefined, ask: async (given, replyTo) => void asked.push([given.text, replyTo]) },
          concurrency,
        ),
      );
      await jobs.ask(letter('a'), { channel: 'inbox', token: '7' });
      await until(() => asked.length === 1);
      assert.deepEqual(asked, [['a', { channel: 'inbox', token: '7' }]]);
    });

    test('a letter whose handler throws is not lost: handled again, or refused to its sender', async (t) => {
      const jobs = await adapter.open(t);
      let attempts = 0;
      const done: string[] = [];
      const tell = async (letters: readonly Letter[]) => {
        attempts += 1;
        if (attempts === 1) throw new Error('the store is away');
        done.push(...letters.map(({ text }) => text));
      };
      t.after(await jobs.work({ tell, ask: async () => undefined }, concurrency));
      if (adapter.handlesAgain) await jobs.tell([letter('a')]);
      else {
        await assert.rejects(jobs.tell([letter('a')]), JobsUnavailable);
        await jobs.tell([letter('a')]);
      }
      await until(() => done.length === 1);
      assert.deepEqual(done, ['a']);
    });

    test('stopping finishes what runs and takes nothing new', async (t) => {
      const jobs = await adapter.open(t);
      const finished: string[] = [];
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      let started = false;
      const stop = await jobs.work(
        {
          tell: async ([first]) => {
            started = true;
            await held;
            finished.push(first?.text ?? '');
          },
          ask: async () => undefined,
        },
        { tellConcurrency: 1, askConcurrency: 1 },
      );
      const told = jobs.tell([letter('a')]);
      await until(() => started);
      const stopped = stop();
      release();
      await Promise.all([stopped, told]);
      assert.deepEqual(finished, ['a']);
      if (adapter.handlesAgain) {
        await jobs.tell([letter('b')]);
        assert.equal((await jobs.depth()).tell.waiting, 1);
      } else await assert.rejects(jobs.tell([letter('b')]), JobsUnavailable);
      assert.deepEqual(finished, ['a']);
    });
  });
}
