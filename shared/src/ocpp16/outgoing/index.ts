import type { Outgoing } from '../define.ts';
import { cancelReservation } from './cancel-reservation.ts';
import { certificateSigned } from './certificate-signed.ts';
import { changeAvailability } from './change-availability.ts';
import { changeConfiguration } from './change-configuration.ts';
import { clearCache } from './clear-cache.ts';
import { clearChargingProfile } from './clear-charging-profile.ts';
import { dataTransfer } from './data-transfer.ts';
import { deleteCertificate } from './delete-certificate.ts';
import { extendedTriggerMessage } from './extended-trigger-message.ts';
import { getCompositeSchedule } from './get-composite-schedule.ts';
import { getConfiguration } from './get-configuration.ts';
import { getDiagnostics } from './get-diagnostics.ts';
import { getInstalledCertificateIds } from './get-installed-certificate-ids.ts';
import { getLocalListVersion } from './get-local-list-version.ts';
import { getLog } from './get-log.ts';
import { installCertificate } from './install-certificate.ts';
import { remoteStartTransaction } from './remote-start-transaction.ts';
import { remoteStopTransaction } from './remote-stop-transaction.ts';
import { reserveNow } from './reserve-now.ts';
import { reset } from './reset.ts';
import { sendLocalList } from './send-local-list.ts';
import { setChargingProfile } from './set-charging-profile.ts';
import { signedUpdateFirmware } from './signed-update-firmware.ts';
import { triggerMessage } from './trigger-message.ts';
import { unlockConnector } from './unlock-connector.ts';
import { updateFirmware } from './update-firmware.ts';

const actions: readonly Outgoing[] = [
  cancelReservation,
  certificateSigned,
  changeAvailability,
  changeConfiguration,
  clearCache,
  clearChargingProfile,
  dataTransfer,
  deleteCertificate,
  extendedTriggerMessage,
  getCompositeSchedule,
  getConfiguration,
  getDiagnostics,
  getInstalledCertificateIds,
  getLocalListVersion,
  getLog,
  installCertificate,
  remoteStartTransaction,
  remoteStopTransaction,
  reserveNow,
  reset,
  sendLocalList,
  setChargingProfile,
  signedUpdateFirmware,
  triggerMessage,
  unlockConnector,
  updateFirmware,
];

/** Every operation the central system may call, by OCPP's name. */
export const outgoingActions: ReadonlyMap<string, Outgoing> = new Map(actions.map((entry) => [entry.action, entry]));
