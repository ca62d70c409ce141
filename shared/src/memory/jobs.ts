import { MOST_LOG_JOBS } from '../log-jobs.ts';
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
  const logs = createLane(Math.min(options.maxWaiting, MOST_LOG_JOBS));

  function working(): Work {
    if (!work) throw new JobsUnavailable('no worker is running');
    return work;
  }

  return {
    tell: async (letters) => tells.enter(() => working().tell(letters)),
    log: async (letters) => logs.enter(() => working().tell(letters)),
    ask: async (letter, replyTo) => asks.enter(() => working().ask(letter, replyTo)),
    async work(given, { tellConcurrency, askConcurrency }) {
      work = given;
      tells.open(tellConcurrency);
      asks.open(askConcurrency);
      logs.open(1);
      return async () => {
        work = undefined;
        await Promise.all([tells.idle(), asks.idle(), logs.idle()]);
      };
    },
    depth: async () => ({ tell: tells.depth(), ask: asks.depth(), log: logs.depth() }),
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
  const waiting: { readonly takePlace: () => void; readonly sinceMs: number }[] = [];
  let onIdle: (() => void)[] = [];
  let concurrency = 0;
  let active = 0;

  async function enter(run: () => Promise<void>): Promise<void> {
    if (active >= concurrency) {
      if (waiting.length >= maxWaiting) throw new JobsUnavailable(`${maxWaiting} messages are waiting already`);
      // Whoever leaves hands its place over, so `active` does not change.
      await new Promise<void>((takePlace) => waiting.push({ takePlace, sinceMs: Date.now() }));
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
    if (next) return next.takePlace();
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
    // Those under way are as old as one statement at most.
    depth: () => ({
      waiting: waiting.length,
      active,
      delayed: 0,
      failed: 0,
      oldestAtMs: waiting[0]?.sinceMs ?? null,
    }),
  };
}
