import { asPayload } from './wire.ts';

/** Every deviation of real chargers this one can show, with the fact it stands for. */
export const QUIRKS = {
  'null-heartbeat': 'Heartbeat carries null instead of {}: `null` payloads exist, treat `null` as `{}`.',
  'empty-frames': 'An empty text frame goes before every Call: empty text frames exist, ignore and count them.',
  'zoneless-timestamps': 'Timestamps without zone: read as UTC.',
  'clock-1970': 'Every timestamp is 1970-01-01T00:00:00.000Z: clocks stuck in 1970 exist and never win "newest".',
  kwh: 'The register is sent in kWh: units are normalised, kWh scaled.',
  'comma-decimals': 'Sampled values have a decimal comma: strings, with a dot, sometimes a comma.',
  'phases-without-total': 'Every measurand comes as L1, L2 and L3 without a total: phases are summed.',
  'register-reset': 'The register falls to 0 at the second reading of a transaction: reset and meterStop < meterStart.',
  'transaction-id-zero': 'MeterValues carry transactionId 0: keep them.',
  'transaction-id-missing': 'MeterValues carry no transactionId: keep them.',
  'start-conf-lost':
    'The first conf of every StartTransaction is lost and it is sent again: a retried Start carries a new message id and gets the original id and idTagInfo.',
  'stop-before-start':
    'StopTransaction (transactionId -1) is sent before its StartTransaction: both orders end in the same rows.',
  'duplicate-stop': 'Every StopTransaction is sent twice: same answer, no second effect.',
  'ignores-calls':
    'Calls of the central system are never answered: some keep sending heartbeats but ignore every Call.',
  'no-pong': 'WebSocket pings are never answered: a charger that has never ponged is judged by its frames.',
  'long-serial-number': 'The serial number has 40 characters instead of 25: tolerated and kept as sent.',
  'unknown-measurand': 'MeterValues contain a measurand OCPP does not know: tolerated and kept as sent.',
  'extra-field': 'Every Call has a field OCPP does not know: refused with FormationViolation, or tolerated.',
  'upper-case-id-tag': 'idTags are sent in upper case: idTag is case-insensitive.',
  'lower-case-id-tag': 'idTags are sent in lower case: idTag is case-insensitive.',
  'no-subprotocol': 'No subprotocol is offered: by policy assume ocpp1.6 or refuse.',
  'trailing-slash': 'The URL ends in a slash: an optional trailing slash.',
  'statuses-out-of-order': 'Of two status changes the newer is sent first: statuses arrive out of order.',
} as const;

/** The name of a deviation. */
export type Quirk = keyof typeof QUIRKS;

/** True when there is a quirk of this name. */
export function isQuirk(name: string): name is Quirk {
  return Object.hasOwn(QUIRKS, name);
}

/** The payload of a Call as a charger with these quirks sends it. */
export function deviate(action: string, payload: unknown, quirks: ReadonlySet<Quirk>): unknown {
  if (quirks.size === 0) return payload;
  if (action === 'Heartbeat' && quirks.has('null-heartbeat')) return null;
  const fields = { ...asPayload(payload) };
  const { idTag } = fields;
  if (typeof idTag === 'string') {
    if (quirks.has('upper-case-id-tag')) fields.idTag = idTag.toUpperCase();
    if (quirks.has('lower-case-id-tag')) fields.idTag = idTag.toLowerCase();
  }
  if (action === 'BootNotification' && quirks.has('long-serial-number')) {
    fields.chargePointSerialNumber = 'S'.repeat(40);
  }
  if (quirks.has('extra-field')) fields.vendorSpecific = 'extra';
  return fields;
}
