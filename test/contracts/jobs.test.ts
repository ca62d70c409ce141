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

    test('letters of the message log are handled like told ones, and hold none of those up', async (t) => {
      const jobs = await adapter.open(t);
      const handled: string[] = [];
      const { promise: held, resolve: release } = Promise.withResolvers<void>();
      t.after(() => release());
      const tell = async (letters: readonly Letter[]) => {
        if (letters[0]?.text.startsWith('log')) await held;
        handled.push(...letters.map(({ text }) => text));
      };
      t.after(await jobs.work({ tell, ask: async () => undefined }, concurrency));
      const logged = Promise.all(Array.from({ length: 50 }, (_, count) => jobs.log([letter(`log ${count}`)])));
      await until(async () => {
        const { waiting, active } = (await jobs.depth()).log;
        return active === 1 && waiting === 49;
      });
      await jobs.tell([letter('energy')]);
      await until(() => handled.length === 1);
      assert.deepEqual(handled, ['energy']);
      release();
      await logged;
      await until(() => handled.length === 51);
    });

    test('the depth says when the oldest job was accepted, and nothing when there is none', async (t) => {
      const jobs = await adapter.open(t);
      assert.equal((await jobs.depth()).tell.oldestAtMs, null);
      const { promise: held, resolve: release } = Promise.withResolvers<void>();
      t.after(() => release());
      t.after(
        await jobs.work({ tell: () => held, ask: async () => undefined }, { tellConcurrency: 1, askConcurrency: 1 }),
      );
      const beganMs = Date.now();
      const first = jobs.tell([letter('first')]);
      const second = jobs.tell([letter('second')]);
      const oldest = await until(async () => {
        const { active, waiting, oldestAtMs } = (await jobs.depth()).tell;
        return active === 1 && waiting === 1 && oldestAtMs;
      });
      assert.ok(oldest >= beganMs && oldest <= Date.now(), `${oldest} is not between ${beganMs} and now`);
      release();
      await Promise.all([first, second]);
      await until(async () => (await jobs.depth()).tell.oldestAtMs === null);
    });

    test('a message log that nobody writes down is refused before it fills the memory', async (t) => {
      const jobs = await adapter.open(t);
      const { promise: held, resolve: release } = Promise.withResolvers<void>();
      t.after(() => release());
      t.after(await jobs.work({ tell: () => held, ask: async () => undefined }, concurrency));
      const logged: Promise<unknown>[] = [];
      const inside = async () => {
        const { waiting, active } = (await jobs.depth()).log;
        return waiting + active;
      };
      /** One after the other: those who ask at the same moment may all be let in. The memory adapter answers when it is handled. */
      const refused = async () => {
        const before = await inside();
        let outcome: unknown;
        logged.push(
          jobs.log([letter('log')]).then(
            () => (outcome = 'accepted'),
            (error: unknown) => (outcome = error),
          ),
        );
        await until(async () => outcome !== undefined || (await inside()) > before, { everyMs: 0 });
        return outcome instanceof JobsUnavailable;
      };
      await until(refused, { everyMs: 0 });
      assert.ok((await jobs.depth()).log.waiting <= 200);
      release();
      await Promise.all(logged);
    });
  });
}
