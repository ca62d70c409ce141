import { Type } from '@sinclair/typebox';
import { incoming } from '../define.ts';
import { readTimestamp } from '../timestamp.ts';
import { ChargePointErrorCode, ChargePointStatus, CiString, Closed, DateTime } from '../types.ts';
import { provenance } from './provenance.ts';

/** [OCPP 1.6, 4.9] State of a connector, or of the whole charge point when the connector is 0. */
export const statusNotification = incoming({
  action: 'StatusNotification',
  request: Closed({
    connectorId: Type.Integer(),
    errorCode: ChargePointErrorCode,
    info: Type.Optional(CiString(50)),
    status: ChargePointStatus,
    timestamp: Type.Optional(DateTime),
    vendorId: Type.Optional(CiString(255)),
    vendorErrorCode: Type.Optional(CiString(50)),
  }),
  response: Closed({}),
  way: 'tell',
  handle: (store, calls) =>
    store.connectorStatuses(
      calls.map((call) => ({
        ...provenance(call),
        connectorId: call.payload.connectorId,
        status: call.payload.status,
        errorCode: call.payload.errorCode,
        info: call.payload.info ?? null,
        vendorId: call.payload.vendorId ?? null,
        vendorErrorCode: call.payload.vendorErrorCode ?? null,
        statusAt: call.payload.timestamp === undefined ? null : readTimestamp(call.payload.timestamp),
      })),
    ),
});
