import { Type } from '@sinclair/typebox';
import { outgoing } from '../define.ts';
import { Closed, OneOf } from '../types.ts';

/** [OCPP 1.6, 5.17] Asks for a message the charge point sends by itself otherwise. */
export const triggerMessage = outgoing({
  action: 'TriggerMessage',
  request: Closed({
    requestedMessage: OneOf(
      'BootNotification',
      'DiagnosticsStatusNotification',
      'FirmwareStatusNotification',
      'Heartbeat',
      'MeterValues',
      'StatusNotification',
    ),
    connectorId: Type.Optional(Type.Integer()),
  }),
  response: Closed({ status: OneOf('Accepted', 'Rejected', 'NotImplemented') }),
});
