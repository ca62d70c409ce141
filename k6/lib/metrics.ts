import { Counter, Trend } from 'k6/metrics';

/** From Call to answer, in ms; tag `action`. */
export const callDuration = new Trend('ocpp_call_duration', true);
/** From the attempt to the open WebSocket, in ms. */
export const connectDuration = new Trend('ocpp_connect_duration', true);
/** From a lost connection to the next accepted boot, in ms. */
export const offlineDuration = new Trend('ocpp_offline_duration', true);
/** A command, whole HTTP request, in ms; tag `kind`. */
export const commandDuration = new Trend('ocpp_command_duration', true);

/** Connections that the other side ended without being expected to; tag `code`. */
export const unexpectedCloses = new Counter('ocpp_unexpected_closes');
/** Connections that ended as the script wanted it; tag `code`. */
export const expectedCloses = new Counter('ocpp_expected_closes');
/** Handshakes that came to nothing. */
export const refusedConnects = new Counter('ocpp_refused_connects');
/** CALLERRORs received; tags `action` and `code`. */
export const callErrors = new Counter('ocpp_call_errors');
/** Calls without an answer in time; tag `action`. */
export const callTimeouts = new Counter('ocpp_call_timeouts');
/** Transaction messages that had to be sent again. */
export const retries = new Counter('ocpp_retries');

/** Chargers that compared what they sent with what the API shows. */
export const reconciledChargers = new Counter('reconciled_chargers');
/** Transactions that were compared. */
export const reconciledTransactions = new Counter('reconciled_transactions');
/** Meter samples that were compared. */
export const reconciledSamples = new Counter('reconciled_samples');
/** Energy that was compared, in Wh. */
export const reconciledEnergyWh = new Counter('reconciled_energy_wh');
/** What may not be: each has the threshold `count==0`. */
export const faults = {
  lostTransactions: new Counter('lost_transactions'),
  duplicatedTransactions: new Counter('duplicated_transactions'),
  lostEnergyWh: new Counter('lost_energy_wh'),
  duplicatedEnergyWh: new Counter('duplicated_energy_wh'),
  lostSamples: new Counter('lost_samples'),
  duplicatedSamples: new Counter('duplicated_samples'),
  undelivered: new Counter('undelivered_messages'),
} as const;

/** The names of `faults`, as thresholds know them. */
export const FAULT_NAMES = [
  'lost_transactions',
  'duplicated_transactions',
  'lost_energy_wh',
  'duplicated_energy_wh',
  'lost_samples',
  'duplicated_samples',
  'undelivered_messages',
] as const;
