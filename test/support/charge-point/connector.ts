import type { Transaction } from './transaction.ts';

/** What StatusNotification says of a connector. [OCPP 1.6, 7.7] */
export type Status =
  | 'Available'
  | 'Preparing'
  | 'Charging'
  | 'SuspendedEVSE'
  | 'SuspendedEV'
  | 'Finishing'
  | 'Reserved'
  | 'Unavailable'
  | 'Faulted';

/** One connector with its meter; connector 0 is the whole charge point. */
export type Connector = {
  readonly id: number;
  status: Status;
  errorCode: string;
  pluggedIn: boolean;
  operative: boolean;
  /** A change of availability that waits for the end of a transaction. */
  scheduledOperative: boolean | undefined;
  reservation: { readonly id: number; readonly idTag: string } | undefined;
  transaction: Transaction | undefined;
  /** What the meter shows. */
  registerWh: number;
  /** Energy below one Wh that the register does not show yet. */
  fractionWh: number;
  /** Charger time up to which energy has been added. */
  meteredAtMs: number;
};

/** Creates connector `id` with nothing plugged in. */
export function createConnector(id: number, registerWh: number): Connector {
  return {
    id,
    status: 'Available',
    errorCode: 'NoError',
    pluggedIn: false,
    operative: true,
    scheduledOperative: undefined,
    reservation: undefined,
    transaction: undefined,
    registerWh,
    fractionWh: 0,
    meteredAtMs: 0,
  };
}

/** The status a connector without a transaction falls back to. */
export function idleStatus(connector: Connector): Status {
  if (!connector.operative) return 'Unavailable';
  if (connector.reservation) return 'Reserved';
  return connector.pluggedIn ? 'Preparing' : 'Available';
}
