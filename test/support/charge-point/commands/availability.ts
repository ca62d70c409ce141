import { moveTo } from '../charging.ts';
import { type Connector, idleStatus } from '../connector.ts';
import { findConnector } from '../inside.ts';
import { type Command, integer, status, text } from './command.ts';

/** [OCPP 1.6, 5.2] connector 0 stands for all; a connector with a transaction changes when it ends. */
export const changeAvailability: Command = (inside, payload) => {
  const connectorId = integer(payload, 'connectorId');
  const operative = text(payload, 'type') === 'Operative';
  const named = findConnector(inside, connectorId, true);
  if (!named) return status('Rejected');
  const meant: readonly Connector[] = connectorId === 0 ? inside.connectors : [named];
  const now = meant.filter(({ transaction }) => !transaction);
  for (const connector of meant) {
    connector.scheduledOperative = connector.transaction ? operative : undefined;
    if (!connector.transaction) connector.operative = operative;
  }
  return status(now.length < meant.length ? 'Scheduled' : 'Accepted', () => {
    for (const connector of now) moveTo(inside, connector, idleStatus(connector));
  });
};

/** [OCPP 1.6, 5.13] */
export const reserveNow: Command = (inside, payload) => {
  const id = integer(payload, 'reservationId');
  const idTag = text(payload, 'idTag');
  const connector = findConnector(inside, integer(payload, 'connectorId'));
  if (!connector) return status('Rejected');
  if (connector.status === 'Faulted') return status('Faulted');
  if (!connector.operative) return status('Unavailable');
  const taken = connector.reservation !== undefined && connector.reservation.id !== id;
  if (connector.transaction || connector.pluggedIn || taken) return status('Occupied');
  connector.reservation = { id, idTag };
  return status('Accepted', () => moveTo(inside, connector, 'Reserved'));
};

/** [OCPP 1.6, 5.1] */
export const cancelReservation: Command = (inside, payload) => {
  const id = integer(payload, 'reservationId');
  const connector = inside.connectors.find(({ reservation }) => reservation?.id === id);
  if (!connector) return status('Rejected');
  connector.reservation = undefined;
  return status('Accepted', () => moveTo(inside, connector, idleStatus(connector)));
};
