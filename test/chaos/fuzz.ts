/** Frames that no charger should send and some do: random ones, and valid ones gone wrong. The same for the same seed. */

export type Random = {
  /** From 0 to below 1. */
  next(): number;
  /** A whole number from 0 to below `end`. */
  below(end: number): number;
  pick<T>(items: readonly [T, ...T[]]): T;
};

/** A repeatable source of chance (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296;
  }
  const below = (end: number) => Math.floor(next() * end);
  return { next, below, pick: (items) => items[below(items.length)] ?? items[0] };
}

const timestamp = '2026-02-03T04:05:06.789Z';
const valid: readonly [readonly [string, unknown], ...(readonly [string, unknown])[]] = [
  ['Heartbeat', {}],
  ['BootNotification', { chargePointVendor: 'V', chargePointModel: 'M', firmwareVersion: '1' }],
  ['Authorize', { idTag: 'TAG' }],
  ['StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available', timestamp }],
  ['StartTransaction', { connectorId: 1, idTag: 'TAG', meterStart: 10, timestamp }],
  ['StopTransaction', { transactionId: 1, idTag: 'TAG', meterStop: 20, timestamp, reason: 'Local' }],
  ['MeterValues', { connectorId: 1, meterValue: [{ timestamp, sampledValue: [{ value: '12.5', unit: 'kWh' }] }] }],
  ['MeterValues', { connectorId: 1, transactionId: 7, meterValue: [{ timestamp, sampledValue: [{ value: '1' }] }] }],
  ['DataTransfer', { vendorId: 'V', messageId: 'm', data: '{"password":"p"}' }],
  ['FirmwareStatusNotification', { status: 'Downloading' }],
  ['DiagnosticsStatusNotification', { status: 'Uploading' }],
  ['SecurityEventNotification', { type: 'Tamper', timestamp }],
  ['SignCertificate', { csr: 'CSR' }],
  ['RemoteStartTransaction', { idTag: 'TAG' }],
];

const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const odd: readonly [unknown, ...unknown[]] = [
  null,
  true,
  '',
  -1,
  0,
  1e308,
  4.5,
  2_147_483_648,
  '\u0000',
  '\ud800',
  'x'.repeat(3_000),
  [],
  {},
  [null],
  { __proto__: null, constructor: 1 },
  '0001-01-01T00:00:00Z',
  '9999-99-99',
  '1,5',
  'NaN',
];
const scraps: readonly [string, ...string[]] = [
  '"',
  '\\',
  ',',
  '[',
  ']',
  '{',
  '}',
  '99999999999999999999',
  '\\u0000',
  '\\ud800',
  '\u0000',
  'é😀',
  '"__proto__":{"x":1},',
  deep(500),
  '1e999',
  ' ',
];

/** One frame with an id nobody else has, unless what goes wrong with it changes that. */
export function fuzzFrame(random: Random, id: string): string {
  const [action, payload] = random.pick(valid);
  const frame = () => JSON.stringify([2, id, action, payload]);
  const kind = random.below(100);
  if (kind < 15) return frame();
  if (kind < 50) return JSON.stringify([2, id, action, bent(random, payload)]);
  if (kind < 85) return broken(random, frame());
  if (kind < 90) return JSON.stringify([random.pick([3, 4]), id, 'GenericError', '', payload]);
  if (kind < 95) return JSON.stringify([random.pick([2, 3, 9, '2', null]), id, random.pick(odd), random.pick(odd)]);
  return noise(random);
}

/** The payload with one of its values replaced, removed or added to, at any depth. */
function bent(random: Random, value: unknown): unknown {
  if (random.below(5) === 0 || typeof value !== 'object' || value === null) return random.pick(odd);
  if (Array.isArray(value)) {
    return random.below(6) === 0 ? value.concat(value, value) : value.map((item) => bent(random, item));
  }
  const entries = Object.entries(value);
  const chosen = random.below(entries.length + 1);
  if (chosen === entries.length) return { ...value, [random.pick(['colour', 'idTag', '__proto__'])]: random.pick(odd) };
  const kept = entries.filter((_, index) => index !== chosen || random.below(4) > 0);
  return Object.fromEntries(
    kept.map((entry, index) => [entry[0], index === chosen ? bent(random, entry[1]) : entry[1]]),
  );
}

/** The text with a piece cut out, doubled, put in or cut off. */
function broken(random: Random, text: string): string {
  const at = random.below(text.length);
  const to = at + random.below(12);
  switch (random.below(5)) {
    case 0:
      return text.slice(0, at) + text.slice(to);
    case 1:
      return text.slice(0, to) + text.slice(at);
    case 2:
      return text.slice(0, at);
    case 3:
      return text.slice(0, at) + random.pick(scraps) + text.slice(at);
    default:
      return text.slice(0, at) + String.fromCharCode(random.below(0x10000)) + text.slice(at + 1);
  }
}

function noise(random: Random): string {
  return Array.from({ length: random.below(60) }, () => random.pick(scraps)).join('');
}

/** [OCPP-J 1.6, 4.1.4] the id when this is a Call that can be read, and so must be answered. */
export function readableCallId(text: string): string | undefined {
  const message = parsed(text);
  if (!Array.isArray(message) || message[0] !== 2) return undefined;
  const [, id, action] = message as unknown[];
  return typeof id === 'string' && typeof action === 'string' ? id : undefined;
}

/** The id of any message, readable or not. */
export function messageIdOf(text: string): unknown {
  const message = parsed(text);
  return Array.isArray(message) ? message[1] : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
