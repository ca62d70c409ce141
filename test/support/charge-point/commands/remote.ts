import { authorize } from '../authorize.ts';
import { moveTo, start, stop } from '../charging.ts';
import type { Connector } from '../connector.ts';
import { findConnector, findTransaction, type Inside } from '../inside.ts';
import { asPayload } from '../wire.ts';
import { type Command, integer, status, text } from './command.ts';

/** The outbox gets this long to empty itself before a soft reset, in protocol seconds. */
const SOFT_RESET_SECONDS = 5;

/** [OCPP 1.6, 5.11] */
export const remoteStartTransaction: Command = (inside, payload) => {
  const idTag = text(payload, 'idTag');
  const connector =
    payload.connectorId === undefined
      ? inside.connectors.find((candidate) => candidate.id > 0 && startable(candidate, idTag))
      : findConnector(inside, integer(payload, 'connectorId'));
  if (!inside.isAccepted() || !connector || !startable(connector, idTag)) return status('Rejected');
  const profile = asPayload(payload.chargingProfile);
  if (payload.chargingProfile) inside.memory.chargingProfiles.push({ connectorId: connector.id, profile });
  return status('Accepted', async () => {
    connector.pluggedIn = true;
    moveTo(inside, connector, 'Preparing');
    if (inside.configuration.flag('AuthorizeRemoteTxRequests')) {
      const { status: word } = await authorize(inside, idTag);
      if (word !== 'Accepted') return;
    }
    if (startable(connector, idTag)) start(inside, connector, { idTag });
  });
};

function startable({ operative, transaction, reservation, status: word }: Connector, idTag: string): boolean {
  const mine = !reservation || reservation.idTag.toLowerCase() === idTag.toLowerCase();
  return operative && !transaction && mine && word !== 'Faulted';
}

/** [OCPP 1.6, 5.12] */
export const remoteStopTransaction: Command = (inside, payload) => {
  const connector = findTransaction(inside, integer(payload, 'transactionId'));
  if (!connector) return status('Rejected');
  return status('Accepted', () => void stop(inside, connector, { reason: 'Remote' }));
};

/** [OCPP 1.6, 5.18] */
export const unlockConnector: Command = (inside, payload) => {
  const connector = findConnector(inside, integer(payload, 'connectorId'));
  if (!connector) return status('NotSupported');
  return status('Unlocked', () => void stop(inside, connector, { reason: 'UnlockCommand' }));
};

/** [OCPP 1.6, 5.14] soft: transactions are stopped and told first; hard: their stop is told after the boot. */
export const reset: Command = (inside, payload) => {
  const soft = text(payload, 'type') === 'Soft';
  return status('Accepted', async () => {
    for (const connector of inside.connectors) stop(inside, connector, { reason: soft ? 'SoftReset' : 'HardReset' });
    if (soft) await toldInTime(inside);
    inside.reboot();
  });
};

async function toldInTime({ conditions, outbox, settings, isReady }: Inside): Promise<void> {
  const told = () => outbox.length() === 0 || !isReady();
  // Not told in time is told after the boot.
  await conditions.until(told, () => 'an empty outbox', SOFT_RESET_SECONDS * settings.secondMs).catch(() => undefined);
}
