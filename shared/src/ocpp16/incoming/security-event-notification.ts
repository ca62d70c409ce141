import { Type } from '@sinclair/typebox';
import { incoming } from '../define.ts';
import { readTimestamp } from '../timestamp.ts';
import { CiString, Closed, DateTime } from '../types.ts';
import { provenance } from './provenance.ts';

/** [Security Whitepaper, SecurityEventNotification] Something happened that concerns security. */
export const securityEventNotification = incoming({
  action: 'SecurityEventNotification',
  request: Closed({ type: CiString(50), timestamp: DateTime, techInfo: Type.Optional(CiString(255)) }),
  response: Closed({}),
  way: 'tell',
  handle: (store, calls) =>
    store.events(
      calls.map((call) => ({
        ...provenance(call),
        kind: 'SecurityEventNotification',
        // It has no request id, and chargers' clocks tick in seconds: its content keeps two of one second apart.
        requestId: [call.payload.type, call.payload.techInfo ?? ''].join(' ').trim().slice(0, 300),
        at: readTimestamp(call.payload.timestamp),
        payload: call.payload,
      })),
    ),
});
