import { sendHeartbeat } from '../heartbeat.ts';
import { findConnector, type Inside } from '../inside.ts';
import { meter, takeReading } from '../metering.ts';
import { type Command, integer, type Reply, status, text } from './command.ts';

/** [OCPP 1.6, 5.17] */
export const triggerMessage: Command = (inside, payload) => trigger(inside, payload, false);

/** [OCPP 1.6 security whitepaper] */
export const extendedTriggerMessage: Command = (inside, payload) => trigger(inside, payload, true);

function trigger(inside: Inside, payload: Parameters<Command>[1], extended: boolean): Reply {
  const { memory } = inside;
  const wanted = text(payload, 'requestedMessage');
  const one =
    payload.connectorId === undefined ? undefined : findConnector(inside, integer(payload, 'connectorId'), true);
  if (payload.connectorId !== undefined && !one) return status('Rejected');
  const connectors = one ? [one] : inside.connectors;
  const notify = (action: string, word: string) => status('Accepted', () => told(inside, action, { status: word }));
  switch (wanted) {
    case 'BootNotification':
      return status('Accepted', inside.bootNow);
    case 'Heartbeat':
      return status('Accepted', () => void sendHeartbeat(inside));
    case 'StatusNotification':
      return status('Accepted', () => {
        for (const connector of connectors) inside.statuses.tell(connector);
      });
    case 'MeterValues':
      return status('Accepted', () => triggerMeterValues(inside, connectors));
    case 'DiagnosticsStatusNotification':
      return extended ? status('NotImplemented') : notify(wanted, memory.diagnosticsStatus);
    case 'FirmwareStatusNotification':
      return notify(wanted, memory.firmwareStatus);
    case 'LogStatusNotification':
      return extended ? notify(wanted, memory.logStatus) : status('NotImplemented');
    case 'SignChargePointCertificate':
      return extended
        ? status('Accepted', () => told(inside, 'SignCertificate', { csr: '-----BEGIN CERTIFICATE REQUEST-----' }))
        : status('NotImplemented');
    default:
      return status('NotImplemented');
  }
}

async function triggerMeterValues(inside: Inside, connectors: Inside['connectors']): Promise<void> {
  for (const connector of connectors) {
    if (connector.transaction) meter(inside, connector, undefined, 'Trigger');
    else {
      const meterValue = [takeReading(inside, connector, 'Trigger')];
      await told(inside, 'MeterValues', { connectorId: connector.id, meterValue });
    }
  }
}

/** Sends a notification nobody waits for: a refused one is counted and not repeated. */
async function told({ calls }: Inside, action: string, payload: object): Promise<void> {
  await calls.call(action, payload).catch(() => undefined);
}
