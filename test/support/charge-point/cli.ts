import { type ChargePoint, createChargePoint } from './charge-point.ts';
import { readCommandLine } from './cli-options.ts';
import { type Day, runDay } from './run-day.ts';

const asked = readCommandLine(process.argv.slice(2));
if ('print' in asked) {
  (asked.exitCode === 0 ? process.stdout : process.stderr).write(asked.print);
  process.exitCode = asked.exitCode;
} else {
  const chargePoint = createChargePoint(asked.options);
  if (!asked.quiet) {
    chargePoint.onFrame(({ direction, text }) => {
      process.stdout.write(`${new Date().toISOString()} ${direction === 'sent' ? '>' : '<'} ${text}\n`);
    });
  }
  endOnSignal(chargePoint);
  chargePoint.start();
  await run(chargePoint, asked.day);
}

/** With sessions: charges and ends. Without: stays until a signal. */
async function run(chargePoint: ChargePoint, day: Day): Promise<void> {
  reportProblems(chargePoint);
  if (day.sessions === 0) return;
  await chargePoint.ready(Number.POSITIVE_INFINITY);
  const report = await runDay(chargePoint, day);
  await chargePoint.stop();
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  process.exitCode = report.dropped > 0 ? 1 : 0;
}

/** Says once why there is no connection, when there is none soon. */
function reportProblems(chargePoint: ChargePoint): void {
  chargePoint.ready(10_000).catch((error: unknown) => {
    if (error instanceof Error) process.stderr.write(`${error.message}; still trying\n`);
  });
}

function endOnSignal(chargePoint: ChargePoint): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void chargePoint.stop().then(() => {
        process.stdout.write(`${JSON.stringify(chargePoint.report(), null, 2)}\n`);
        process.exit(0);
      });
    });
  }
}
