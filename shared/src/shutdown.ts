import type { Log } from './log.ts';
import { withinMs } from './within.ts';

type Step = {
  readonly name: string;
  readonly run: (withinMs: number) => Promise<void>;
  readonly allowMs: () => number;
};
type Need = { readonly name: string; readonly reach: () => Promise<unknown> };

/** Ends a process in order; see `createShutdown`. */
export type Shutdown = {
  /**
   * The step added last runs first, as a later part needs the earlier ones. `allowMs`, read when the shutdown begins, is
   * how long the step may take beyond the timeout of all. A step is told how long it has, Infinity when all is well.
   */
  add(name: string, run: (withinMs: number) => Promise<void>, allowMs?: () => number): void;
  /** Something outside that steps need; `reach` rejects when it is away. Asked once, when the shutdown begins. */
  needs(name: string, reach: () => Promise<unknown>): void;
  /** Runs all steps once, each to its end; later calls share the first one's promise. */
  run(reason: string): Promise<void>;
};

/** Longest wait for a sign of life of what the steps need. */
const REACH_MS = 2_000;
/** What a step gets when something it needs is away: waiting longer would flush nothing. */
const STEP_WHEN_AWAY_MS = 2_000;

/**
 * Collects what must be undone, and undoes it on SIGTERM or SIGINT: then exits with 0, or with 1 when a step failed or was
 * left unfinished, or all together took longer than `timeoutMs`. With Redis or Postgres away no step may wait for it: what
 * is not delivered was acknowledged to nobody. A second signal exits at once.
 */
export function createShutdown(log: Log, timeoutMs: number): Shutdown {
  const steps: Step[] = [];
  const needs: Need[] = [];
  let running: Promise<void> | undefined;

  async function runSteps(reason: string): Promise<void> {
    const totalMs = steps.reduce((sum, step) => sum + step.allowMs(), timeoutMs);
    log.info({ reason, withinMs: totalMs }, 'stopping');
    setTimeout(() => {
      log.error({ withinMs: totalMs }, 'shutdown took too long');
      process.exit(1);
    }, totalMs).unref();
    const away = (await Promise.all(needs.map(isAway))).flat();
    const stepMs = away.length > 0 ? STEP_WHEN_AWAY_MS : Number.POSITIVE_INFINITY;
    const unfinished: string[] = [];
    let failed = false;
    for (const step of steps.toReversed()) {
      try {
        if (!(await withinMs(step.allowMs() + stepMs, step.run(stepMs)))) unfinished.push(step.name);
      } catch (error) {
        failed = true;
        log.error({ err: error, step: step.name }, 'shutdown step failed');
      }
    }
    if (away.length > 0) log.warn({ away, unfinished }, 'stopped without what is away');
    else log.info({}, 'stopped');
    log.flush();
    process.exit(failed || unfinished.length > 0 ? 1 : 0);
  }

  const shutdown: Shutdown = {
    add: (name, run, allowMs = () => 0) => void steps.push({ name, run, allowMs }),
    needs: (name, reach) => void needs.push({ name, reach }),
    run: (reason) => (running ??= runSteps(reason)),
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (running) process.exit(1);
      void shutdown.run(signal);
    });
  }
  return shutdown;
}

/** Its name when it is away, else nothing. */
async function isAway({ name, reach }: Need): Promise<string[]> {
  const reached = await withinMs(REACH_MS, reach()).catch(() => false);
  return reached ? [] : [name];
}
