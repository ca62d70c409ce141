import type { Log } from './log.ts';

type Step = { readonly name: string; readonly run: () => Promise<void>; readonly allowMs: () => number };

/** Ends a process in order; see `createShutdown`. */
export type Shutdown = {
  /**
   * The step added last runs first, as a later part needs the earlier ones. `allowMs`, read when the shutdown begins, is
   * how long the step may take beyond the timeout of all.
   */
  add(name: string, run: () => Promise<void>, allowMs?: () => number): void;
  /** Runs all steps once, each to its end; later calls share the first one's promise. */
  run(reason: string): Promise<void>;
};

/**
 * Collects what must be undone, and undoes it on SIGTERM or SIGINT: then exits with 0, or with 1 when a step failed or
 * all together took longer than `timeoutMs`. A second signal exits at once.
 */
export function createShutdown(log: Log, timeoutMs: number): Shutdown {
  const steps: Step[] = [];
  let running: Promise<void> | undefined;

  async function runSteps(reason: string): Promise<void> {
    const withinMs = steps.reduce((sum, step) => sum + step.allowMs(), timeoutMs);
    log.info({ reason, withinMs }, 'stopping');
    setTimeout(() => {
      log.error({ withinMs }, 'shutdown took too long');
      process.exit(1);
    }, withinMs).unref();
    let failed = false;
    for (const step of steps.toReversed()) {
      await step.run().catch((error: unknown) => {
        failed = true;
        log.error({ err: error, step: step.name }, 'shutdown step failed');
      });
    }
    log.info({}, 'stopped');
    log.flush();
    process.exit(failed ? 1 : 0);
  }

  const shutdown: Shutdown = {
    add: (name, run, allowMs = () => 0) => void steps.push({ name, run, allowMs }),
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
