import { parseArgs } from 'node:util';

/** What `npm start` was asked for. */
export type Options = {
  readonly standalone: boolean;
  readonly chargers: number;
  readonly gateways: number;
  readonly workers: number;
  readonly demo: boolean;
  /** Chargers connect here, the API is one above; 0 = any two free ports. */
  readonly port: number;
  readonly json: boolean;
  readonly help: boolean;
};

/** The command line is wrong; the message is for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const usage = `npm start -- [options]

Starts a whole Voltgate on this machine and lets three chargers live a day in it. Data stays in .voltgate/.

  --standalone    one process, no Redis
  --gateways N    gateways in the cluster (2)
  --workers N     workers in the cluster (1)
  --chargers N    chargers of the demonstration (3)
  --no-demo       no chargers
  --port P        chargers connect to P, API clients to P + 1 (9220); 0 takes any free ports
  --json          one JSON object per line instead of a screen
  --help          this text

DATABASE_URL and REDIS_URL name a Postgres and a Redis to use instead of our own; HOST an address to listen on other
than 127.0.0.1.`;

/** Reads the arguments. Throws UsageError. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parse(args);
  if (values.standalone && (values.gateways ?? values.workers) !== undefined) {
    throw new UsageError('--standalone is one process: --gateways and --workers do not go with it');
  }
  return {
    standalone: values.standalone ?? false,
    chargers: whole('--chargers', values.chargers, 3, 1, 10_000),
    gateways: whole('--gateways', values.gateways, 2, 1, 20),
    workers: whole('--workers', values.workers, 1, 1, 20),
    demo: !values['no-demo'],
    port: whole('--port', values.port, 9220, 0, 65_534),
    json: values.json ?? false,
    help: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        standalone: { type: 'boolean' },
        chargers: { type: 'string' },
        gateways: { type: 'string' },
        workers: { type: 'string' },
        'no-demo': { type: 'boolean' },
        port: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    // The parser's own sentences name the option; the rest of them is advice about `--`.
    const text = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${text.split(/\.\s/)[0]} (--help lists the options)`, { cause: error });
  }
}

function whole(name: string, text: string | undefined, fallback: number, min: number, max: number): number {
  if (text === undefined) return fallback;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${name} must be a whole number from ${min} to ${max}, not '${text}'`);
}
