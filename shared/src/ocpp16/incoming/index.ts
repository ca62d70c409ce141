import type { Incoming } from '../define.ts';
import { authorize } from './authorize.ts';
import { bootNotification } from './boot-notification.ts';
import { dataTransfer } from './data-transfer.ts';
import { diagnosticsStatusNotification } from './diagnostics-status-notification.ts';
import { firmwareStatusNotification } from './firmware-status-notification.ts';
import { heartbeat } from './heartbeat.ts';
import { logStatusNotification } from './log-status-notification.ts';
import { meterValues } from './meter-values.ts';
import { securityEventNotification } from './security-event-notification.ts';
import { signCertificate } from './sign-certificate.ts';
import { signedFirmwareStatusNotification } from './signed-firmware-status-notification.ts';
import { startTransaction } from './start-transaction.ts';
import { statusNotification } from './status-notification.ts';
import { stopTransaction } from './stop-transaction.ts';

const actions: readonly Incoming[] = [
  authorize,
  bootNotification,
  dataTransfer,
  diagnosticsStatusNotification,
  firmwareStatusNotification,
  heartbeat,
  logStatusNotification,
  meterValues,
  securityEventNotification,
  signCertificate,
  signedFirmwareStatusNotification,
  startTransaction,
  statusNotification,
  stopTransaction,
];

/** Every action a charge point may call, by OCPP's name. */
export const incomingActions: ReadonlyMap<string, Incoming> = new Map(actions.map((entry) => [entry.action, entry]));
