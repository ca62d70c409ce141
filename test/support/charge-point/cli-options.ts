import { parseArgs } from 'node:util';
import type { ChargePointOptions } from './options.ts';
import { isQuirk, QUIRKS } from './quirks.ts';
import type { Day } from './run-day.ts';

/** What the command line asks for: a text to print, or a charger to run. */
export type Asked =
  | { readonly print: string; readonly exitCode: number }
  | { readonly options: ChargePointOptions; readonly day: Day; readonly quiet: boolean };

type Option = { readonly value?: string; readonly default?: string; readonly multiple?: true; readonly help: string };

const OPTIONS: Readonly<Record<string, Option>> = {
  url: { value: 'url', help: 'central system, without the id: ws://localhost:9000/ocpp (needed)' },
  id: { value: 'id', help: 'identity of the charge point (needed)' },
  password: { value: 'text', help: 'Basic auth; the user name is the id' },
  user: { value: 'name', help: 'another user name' },
  subprotocol: { value: 'name', multiple: true, help: 'offered subprotocol, repeatable (ocpp1.6)' },
  'id-tag': { value: 'idTag', default: 'TAG1', help: 'who charges' },
  connectors: { value: 'n', default: '2', help: 'number of connectors' },
  power: { value: 'W', default: '11000', help: 'power of a charging car' },
  sessions: {
    value: 'n',
    default: '0',
    help: 'charge n times at connector 1, print the report, end; 0 = wait for commands',
  },
  'session-seconds': { value: 's', default: '1800', help: 'length of a session, charger time' },
  'meter-interval': { value: 's', default: '60', help: 'seconds between two readings, charger time' },
  speed: { value: 'x', default: '1', help: 'charger seconds per second' },
  'start-at': { value: 'time', help: 'charger time at the start, as 2026-01-31T00:00:00Z' },
  attempts: { value: 'n', default: '3', help: 'TransactionMessageAttempts; Infinity is allowed' },
  key: { value: 'name=value', multiple: true, help: 'start value of a configuration key, repeatable' },
  quirk: { value: 'name', multiple: true, help: 'a deviation, repeatable; see below' },
  insecure: { help: 'accept any certificate with wss' },
  quiet: { help: 'print no frames' },
  help: { help: 'print this' },
};

/** Reads the command line. Never throws: a mistake comes back as a text to print. */
export function readCommandLine(args: readonly string[]): Asked {
  try {
    return read(args);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { print: `${reason}\nTry --help.\n`, exitCode: 2 };
  }
}

function read(args: readonly string[]): Asked {
  const { values } = parseArgs({ args: [...args], options: parserOptions(), strict: true });
  const one = (name: string) => {
    const value = values[name] ?? OPTIONS[name]?.default;
    return typeof value === 'string' ? value : undefined;
  };
  const many = (name: string) => {
    const value = values[name];
    return Array.isArray(value) ? value.map(String) : [];
  };
  const number = (name: string, lowest: number) => {
    const value = Number(one(name));
    if (!(value >= lowest)) throw new RangeError(`--${name} must be a number from ${lowest} on`);
    return value;
  };
  if (values.help) return { print: help(), exitCode: 0 };
  const url = one('url');
  const id = one('id');
  if (!url || !id) throw new RangeError('--url and --id are needed');
  if (!/^wss?:\/\//.test(url)) throw new RangeError('--url must begin with ws:// or wss://');
  const quirks = many('quirk').map((name) => {
    if (!isQuirk(name)) throw new RangeError(`unknown quirk: ${name}`);
    return name;
  });
  const startAt = one('start-at');
  if (startAt !== undefined && Number.isNaN(Date.parse(startAt))) throw new RangeError('--start-at must be a time');
  const interval = number('meter-interval', 1);
  const subprotocols = many('subprotocol');
  const keys = many('key').map((pair) => [pair.split('=', 1)[0] ?? '', pair.slice(pair.indexOf('=') + 1)] as const);
  return {
    options: {
      url,
      id,
      password: one('password'),
      userName: one('user'),
      ...(subprotocols.length > 0 ? { subprotocols } : {}),
      ...(values.insecure ? { tls: { rejectUnauthorized: false } } : {}),
      connectors: number('connectors', 1),
      powerW: number('power', 0),
      speed: number('speed', Number.MIN_VALUE),
      startAt: startAt === undefined ? undefined : new Date(startAt),
      transactionMessageAttempts: number('attempts', 1),
      configuration: { MeterValueSampleInterval: String(interval), ...Object.fromEntries(keys) },
      quirks,
      keepFrames: false,
      keepSamples: false,
    },
    day: {
      sessions: number('sessions', 0),
      sessionSeconds: number('session-seconds', 1),
      meterIntervalSeconds: interval,
      idTag: one('id-tag') ?? '',
      flushTimeoutMs: Number.POSITIVE_INFINITY,
    },
    quiet: values.quiet === true,
  };
}

function parserOptions() {
  return Object.fromEntries(
    Object.entries(OPTIONS).map(([name, { value, multiple }]) => [
      name,
      { type: value ? ('string' as const) : ('boolean' as const), multiple: multiple ?? false },
    ]),
  );
}

function help(): string {
  const lines = Object.entries(OPTIONS).map(([name, { value, default: usual, help: text }]) => {
    const flag = `--${name}${value ? ` <${value}>` : ''}`;
    return `  ${flag.padEnd(26)}${text}${usual === undefined ? '' : ` (${usual})`}`;
  });
  const quirks = Object.entries(QUIRKS).map(([name, text]) => `  ${name.padEnd(24)}${text}`);
  return `An OCPP 1.6-J charge point.

  npm run charger -- --url ws://localhost:9000/ocpp --id CP1 [options]

Frames are printed as they pass: > sent, < received. Ctrl-C ends it; with --sessions it ends by itself with exit code 0
when every message was answered, 1 when some were dropped.

Options
${lines.join('\n')}

Quirks
${quirks.join('\n')}
`;
}
