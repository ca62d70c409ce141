import { type Depth, type Jobs, JobsUnavailable, type Work } from '../ports.ts';

/**
 * Jobs for the standalone mode: letters go straight to the worker in this process. Both `tell` and `ask` resolve after
 * the commit, so durable means committed; a failure is known at once and nothing is run again: the charger retries.
 * At most `maxWaiting` jobs of a kind wait; one more is refused.
 */
export function createMemoryJobs(options: { readonly maxWaiting: number }): Jobs {
  let work: Work | undefined;
  const tells = createLane(options.maxWaiting);
  const asks = createLane(options.maxWaiting);

  function working(): Work {
    if (!work) throw new JobsUnavailable('no worker is running');
    return work;
  }

  return {
    tell: async (letters) => tells.enter(() => working().tell(letters)),
    ask: async (letter, replyTo) => asks.enter(() => working().ask(letter, replyTo)),
    async work(given, { tellConcurrency, askConcurrency }) {
      work = given;
      tells.open(tellConcurrency);
      asks.open(askConcurrency);
      return async () => {
        work = undefined;
        await Promise.all([tells.idle(), asks.idle()]);
      };
    },
    depth: async () => ({ tell: tells.depth(), ask: asks.depth() }),
    close: async () => undefined,
  };
}

type Lane = {
  open(concurrency: number): void;
  enter(run: () => Promise<void>): Promise<void>;
  idle(): Promise<void>;
  depth(): Depth;
};

function createLane(maxWaiting: number): Lane {
  const waiting: (() => void)[] = [];
  let onIdle: (() => void)[] = [];
  let concurrency = 0;
  let active = 0;

  async function enter(run: () => Promise<void>): Promise<void> {
    if (active >= concurrency) {
      if (waiting.length >= maxWaiting) throw new JobsUnavailable(`${maxWaiting} messages are waiting already`);
      // Whoever leaves hands its place over, so `active` does not change.
      await new Promise<void>((takePlace) => waiting.push(takePlace));
    } else {
      active += 1;
    }
    try {
      await run();
    } catch (error) {
      throw new JobsUnavailable('the message could not be stored', { cause: error });
    } finally {
      leave();
    }
  }

  function leave(): void {
    const next = waiting.shift();
    if (next) return next();
    active -= 1;
    if (active > 0) return;
    for (const resolve of onIdle) resolve();
    onIdle = [];
  }

  return {
    open(most) {
      concurrency = most;
    },
    enter,
    idle: () => (active === 0 ? Promise.resolve() : new Promise((resolve) => onIdle.push(resolve))),
    depth: () => ({ waiting: waiting.length, active, delayed: 0, failed: 0 }),
  };
}
