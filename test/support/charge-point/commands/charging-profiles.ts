import { findConnector } from '../inside.ts';
import { asPayload } from '../wire.ts';
import { type Command, integer, status } from './command.ts';

/** [OCPP 1.6, 5.16] one of the same id or of the same purpose and stack level is replaced. Profiles are kept, not obeyed. */
export const setChargingProfile: Command = (inside, payload) => {
  const connectorId = integer(payload, 'connectorId');
  const profile = asPayload(payload.csChargingProfiles);
  const id = integer(profile, 'chargingProfileId');
  const connector = findConnector(inside, connectorId, true);
  if (!connector) return status('Rejected');
  if (profile.chargingProfilePurpose === 'TxProfile' && !connector.transaction) return status('Rejected');
  const { memory } = inside;
  memory.chargingProfiles = memory.chargingProfiles.filter(({ connectorId: at, profile: old }) => {
    const sameUse =
      old.chargingProfilePurpose === profile.chargingProfilePurpose && old.stackLevel === profile.stackLevel;
    return old.chargingProfileId !== id && !(at === connectorId && sameUse);
  });
  memory.chargingProfiles.push({ connectorId, profile });
  return status('Accepted');
};

/** [OCPP 1.6, 5.5] every field given must fit; none given = all. */
export const clearChargingProfile: Command = ({ memory }, payload) => {
  const kept = memory.chargingProfiles.filter(({ connectorId, profile }) => {
    const fits =
      (payload.id === undefined || payload.id === profile.chargingProfileId) &&
      (payload.connectorId === undefined || payload.connectorId === connectorId) &&
      (payload.chargingProfilePurpose === undefined ||
        payload.chargingProfilePurpose === profile.chargingProfilePurpose) &&
      (payload.stackLevel === undefined || payload.stackLevel === profile.stackLevel);
    return !fits;
  });
  const cleared = memory.chargingProfiles.length - kept.length;
  memory.chargingProfiles = kept;
  return status(cleared > 0 ? 'Accepted' : 'Unknown');
};

/** [OCPP 1.6, 5.7] the schedule of the highest stack level, or the full power of the connector. */
export const getCompositeSchedule: Command = (inside, payload) => {
  const connectorId = integer(payload, 'connectorId');
  const duration = integer(payload, 'duration');
  if (!findConnector(inside, connectorId, true)) return status('Rejected');
  const highest = inside.memory.chargingProfiles
    .filter((candidate) => candidate.connectorId === connectorId || candidate.connectorId === 0)
    .sort((a, b) => Number(b.profile.stackLevel) - Number(a.profile.stackLevel))[0];
  const whole = {
    chargingRateUnit: 'W',
    chargingSchedulePeriod: [{ startPeriod: 0, limit: inside.settings.powerW }],
  };
  const schedule = highest ? asPayload(highest.profile.chargingSchedule) : whole;
  return {
    payload: {
      status: 'Accepted',
      connectorId,
      scheduleStart: inside.clock.text(inside.clock.nowMs()),
      chargingSchedule: { ...schedule, duration },
    },
  };
};
