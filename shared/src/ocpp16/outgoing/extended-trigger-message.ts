import { Type } from '@sinclair/typebox';
import { outgoing } from '../define.ts';
import { Closed, OneOf } from '../types.ts';

/** [Security Whitepaper, ExtendedTriggerMessage] TriggerMessage with the messages of the whitepaper. */
export const extendedTriggerMessage = outgoing({
  action: 'ExtendedTriggerMessage',
  request: Closed({
    requestedMessage: OneOf(
      'BootNotification',
      'LogStatusNotification',
      'FirmwareStatusNotification',
      'Heartbeat',
      'MeterValues',
      'SignChargePointCertificate',
      'StatusNotification',
    ),
    connectorId: Type.Optional(Type.Integer()),
  }),
  response: Closed({ status: OneOf('Accepted', 'Rejected', 'NotImplemented') }),
});
