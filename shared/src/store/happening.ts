import type { Boot, ChargePointEvent, CommandRecord, ConnectorStatus, MeterReading } from '../ports.ts';
import { cleanText } from './border.ts';
import { fieldOf } from './fields.ts';

/** Something a charge point did that a command may have been waiting for. */
export type Happening = {
  readonly chargePointId: string;
  /** In the words of TriggerMessage; StartTransaction besides. */
  readonly message: string;
  /** When the gateway read it. */
  readonly at: Date;
  readonly connectorId?: number | null;
  readonly idTagKey?: string;
  readonly requestId?: string;
  /** How a firmware update ended. */
  readonly firmware?: 'happened' | 'missed';
  /** Kept with the command, for a person. */
  readonly detail: Readonly<Record<string, unknown>>;
};

const FAILED: readonly unknown[] = [
  'DownloadFailed',
  'InstallationFailed',
  'InstallVerificationFailed',
  'InvalidSignature',
];

/** A BootNotification. */
export function bootHappened({ chargePointId, receivedAt, firmwareVersion }: Boot): Happening {
  const detail = { bootAt: receivedAt.toISOString(), firmwareVersion };
  return { chargePointId, message: 'BootNotification', at: receivedAt, detail };
}

/** A StatusNotification. */
export function statusHappened({ chargePointId, receivedAt, connectorId, status }: ConnectorStatus): Happening {
  const detail = { connectorId, status };
  return { chargePointId, message: 'StatusNotification', at: receivedAt, connectorId, detail };
}

/** A MeterValues. */
export function readingHappened({ chargePointId, receivedAt, connectorId }: MeterReading): Happening {
  return { chargePointId, message: 'MeterValues', at: receivedAt, connectorId, detail: { connectorId } };
}

/** Heartbeats that came with the records of the commands that asked for them. */
export function heartbeatsHappened(records: readonly CommandRecord[]): Happening[] {
  return records.flatMap(({ chargePointId, heartbeatAtMs }) => {
    if (heartbeatAtMs === undefined) return [];
    const at = new Date(heartbeatAtMs);
    return [{ chargePointId, message: 'Heartbeat', at, detail: { heartbeatAt: at.toISOString() } }];
  });
}

/** A StartTransaction; the transaction's id is its detail. */
export function startHappened(start: {
  readonly chargePointId: string;
  readonly receivedAt: Date;
  readonly connectorId: number;
  readonly idTagKey: string;
  readonly transactionId: number;
}): Happening {
  const { chargePointId, connectorId, idTagKey, transactionId } = start;
  const detail = { transactionId, connectorId };
  return { chargePointId, message: 'StartTransaction', at: start.receivedAt, connectorId, idTagKey, detail };
}

/** A notification that is kept as it came. */
export function eventHappened(event: Pick<ChargePointEvent, 'chargePointId' | 'kind' | 'receivedAt' | 'payload'>) {
  const { chargePointId, kind, receivedAt: at, payload } = event;
  const said = fieldOf(payload, 'status');
  const status = typeof said === 'string' ? cleanText(said) : null;
  const requestId = fieldOf(payload, 'requestId');
  const firmware = firmwareOutcome(kind, status);
  const happening: Happening = {
    chargePointId,
    // Both tell how an update goes: [Security Whitepaper, L01]
    message: kind === 'SignedFirmwareStatusNotification' ? 'FirmwareStatusNotification' : kind,
    at,
    detail: { status },
    ...(requestId !== undefined && { requestId: cleanText(String(requestId)) }),
    ...(firmware && { firmware }),
  };
  return happening;
}

function firmwareOutcome(kind: string, status: string | null): 'happened' | 'missed' | undefined {
  if (!kind.endsWith('FirmwareStatusNotification')) return undefined;
  if (status === 'Installed') return 'happened';
  return FAILED.includes(status) ? 'missed' : undefined;
}
