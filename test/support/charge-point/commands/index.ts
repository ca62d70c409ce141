import { cancelReservation, changeAvailability, reserveNow } from './availability.ts';
import {
  certificateSigned,
  deleteCertificate,
  getInstalledCertificateIds,
  installCertificate,
} from './certificates.ts';
import { clearChargingProfile, getCompositeSchedule, setChargingProfile } from './charging-profiles.ts';
import { type Command, status, text } from './command.ts';
import { changeConfiguration, getConfiguration } from './configuration.ts';
import { clearCache, getLocalListVersion, sendLocalList } from './local-list.ts';
import { remoteStartTransaction, remoteStopTransaction, reset, unlockConnector } from './remote.ts';
import { getDiagnostics, getLog, signedUpdateFirmware, updateFirmware } from './transfers.ts';
import { extendedTriggerMessage, triggerMessage } from './trigger.ts';

/** [OCPP 1.6, 5.6] no vendor is known to this charger. */
const dataTransfer: Command = (_inside, payload) => {
  text(payload, 'vendorId');
  return status('UnknownVendorId');
};

/** Every command of a central system, by action. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    CancelReservation: cancelReservation,
    CertificateSigned: certificateSigned,
    ChangeAvailability: changeAvailability,
    ChangeConfiguration: changeConfiguration,
    ClearCache: clearCache,
    ClearChargingProfile: clearChargingProfile,
    DataTransfer: dataTransfer,
    DeleteCertificate: deleteCertificate,
    ExtendedTriggerMessage: extendedTriggerMessage,
    GetCompositeSchedule: getCompositeSchedule,
    GetConfiguration: getConfiguration,
    GetDiagnostics: getDiagnostics,
    GetInstalledCertificateIds: getInstalledCertificateIds,
    GetLocalListVersion: getLocalListVersion,
    GetLog: getLog,
    InstallCertificate: installCertificate,
    RemoteStartTransaction: remoteStartTransaction,
    RemoteStopTransaction: remoteStopTransaction,
    ReserveNow: reserveNow,
    Reset: reset,
    SendLocalList: sendLocalList,
    SetChargingProfile: setChargingProfile,
    SignedUpdateFirmware: signedUpdateFirmware,
    TriggerMessage: triggerMessage,
    UnlockConnector: unlockConnector,
    UpdateFirmware: updateFirmware,
  }),
);
