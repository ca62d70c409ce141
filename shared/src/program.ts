import { hostname } from 'node:os';
import { type Config, ConfigError, type Program, readConfig } from './config.ts';
import { createLog, type Log } from './log.ts';
import { createShutdown, type Shutdown } from './shutdown.ts';
import { startTracing } from './tracing.ts';
import { withinMs } from './within.ts';

/** What an entry file gets: everything that is there before the first port is opened. */
export type Started = {
  readonly config: Config;
  readonly log: Log;
  readonly shutdown: Shutdown;
  /** Names this process over all machines and restarts: its name and when it started. */
  readonly processId: string;
};

/** A collector that does not answer must not hold a shutdown up. */
const LAST_SPANS_MS = 1_500;

/**
 * Runs a program: reads its settings, makes its log, and runs `main`. Wrong settings are one line on standard error; a
 * failing start is one log line; both exit with 1. SIGTERM and SIGINT shut down gracefully.
 */
export async function run(program: Program, main: (started: Started) => Promise<void>): Promise<void> {
  const config = configOrExit(program);
  const name = config.gatewayId || config.workerId || `${hostname()}-${process.pid}`;
  // With the start time a restarted process never passes for its earlier life.
  const processId = `${name}-${Date.now().toString(36)}`;
  const log = createLog(config.logLevel, { program, processId });
  const shutdown = createShutdown(log, config.shutdownTimeoutMs);
  try {
    const closeTracing = await startTracing(config, program, processId, log);
    // Added first: it runs last, with the spans of every other step.
    if (closeTracing)
      shutdown.add('traces', async () => {
        // The exporter has complained in its own line; a stop does not fail for it.
        const closed = closeTracing().catch((error: unknown) => log.debug({ err: error }, 'last spans not exported'));
        await withinMs(LAST_SPANS_MS, closed);
      });
    await main({ config, log, shutdown, processId });
  } catch (error) {
    log.fatal({ err: error }, 'start failed');
    log.flush();
    process.exit(1);
  }
}

function configOrExit(program: Program): Config {
  try {
    return readConfig(program);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
