import type { Calls } from './calls.ts';
import type { Clock } from './clock.ts';
import type { Conditions } from './conditions.ts';
import type { Configuration } from './configuration.ts';
import type { Connector } from './connector.ts';
import type { Settings } from './options.ts';
import type { Outbox } from './outbox.ts';
import type { Statuses } from './statuses.ts';
import type { Tally } from './tally.ts';
import type { AcknowledgedSample, Transaction } from './transaction.ts';
import type { Payload } from './wire.ts';

/** What the charger keeps for commands, besides connectors and configuration keys. */
export type Memory = {
  localListVersion: number;
  /** idTagInfo by idTag in lower case: an idTag is case-insensitive. */
  readonly localList: Map<string, Payload>;
  chargingProfiles: { readonly connectorId: number; readonly profile: Payload }[];
  certificates: Payload[];
  firmwareVersion: string;
  diagnosticsStatus: string;
  firmwareStatus: string;
  logStatus: string;
};

/** The parts of one charger, as its other parts and its commands see them. */
export type Inside = {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly conditions: Conditions;
  readonly configuration: Configuration;
  /** Connector 0 first. */
  readonly connectors: readonly Connector[];
  readonly tally: Tally;
  readonly calls: Calls;
  readonly statuses: Statuses;
  readonly outbox: Outbox;
  readonly memory: Memory;
  readonly transactions: Transaction[];
  readonly samples: AcknowledgedSample[];
  /** Connected and accepted. */
  isReady(): boolean;
  isAccepted(): boolean;
  /** Aborts when the power goes. */
  signal(): AbortSignal;
  /** Sends a BootNotification at once. */
  bootNow(): void;
  /** Closes the socket and boots again. */
  reboot(): void;
  /** Closes the socket and opens a new one without a boot, as after a change of credentials. */
  reconnect(): void;
};

/** The connector, or undefined when there is none of this number; 0 only when `orZero`. */
export function findConnector(inside: Inside, connectorId: unknown, orZero = false): Connector | undefined {
  return inside.connectors.find(({ id }) => id === connectorId && (orZero || id > 0));
}

/** The running transaction of this id. */
export function findTransaction(inside: Inside, transactionId: unknown): Connector | undefined {
  return inside.connectors.find(({ transaction }) => transaction && transaction.transactionId === transactionId);
}
