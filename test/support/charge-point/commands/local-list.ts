import { asPayload } from '../wire.ts';
import { type Command, integer, status, text } from './command.ts';

/** [OCPP 1.6, 5.10] 0 = there is no list yet. */
export const getLocalListVersion: Command = ({ memory }) => ({ payload: { listVersion: memory.localListVersion } });

/** [OCPP 1.6, 5.15] a Differential needs a newer version than the present one; an entry without idTagInfo removes. */
export const sendLocalList: Command = ({ configuration, memory }, payload) => {
  const listVersion = integer(payload, 'listVersion');
  const full = text(payload, 'updateType') === 'Full';
  const entries = Array.isArray(payload.localAuthorizationList) ? payload.localAuthorizationList.map(asPayload) : [];
  if (!configuration.flag('LocalAuthListEnabled')) return status('NotSupported');
  if (entries.length > configuration.number('SendLocalListMaxLength')) return status('Failed');
  if (!full && listVersion <= memory.localListVersion) return status('VersionMismatch');
  if (full) memory.localList.clear();
  for (const entry of entries) {
    const idTag = text(entry, 'idTag').toLowerCase();
    if (entry.idTagInfo) memory.localList.set(idTag, asPayload(entry.idTagInfo));
    else memory.localList.delete(idTag);
  }
  memory.localListVersion = listVersion;
  return status('Accepted');
};

/** [OCPP 1.6, 5.4] this charger keeps no cache, so it is always clear. */
export const clearCache: Command = () => status('Accepted');
