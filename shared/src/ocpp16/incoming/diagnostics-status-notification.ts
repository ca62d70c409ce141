import { incoming } from '../define.ts';
import { Closed, OneOf } from '../types.ts';
import { statusEvent } from './event.ts';

/** [OCPP 1.6, 4.4] How the upload asked for by GetDiagnostics goes. */
export const diagnosticsStatusNotification = incoming({
  action: 'DiagnosticsStatusNotification',
  request: Closed({
    status: OneOf('Idle', 'Uploaded', 'UploadFailed', 'Uploading'),
  }),
  response: Closed({}),
  way: 'tell',
  handle: (store, calls) => store.events(calls.map((call) => statusEvent('DiagnosticsStatusNotification', call))),
});
