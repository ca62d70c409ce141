import { Type } from '@sinclair/typebox';
import { incoming } from '../define.ts';
import { Closed, OneOf } from '../types.ts';
import { statusEvent } from './event.ts';

/** [Security Whitepaper, LogStatusNotification] How the upload asked for by GetLog goes. */
export const logStatusNotification = incoming({
  action: 'LogStatusNotification',
  request: Closed({
    status: OneOf(
      'BadMessage',
      'Idle',
      'NotSupportedOperation',
      'PermissionDenied',
      'Uploaded',
      'UploadFailure',
      'Uploading',
    ),
    requestId: Type.Optional(Type.Integer()),
  }),
  response: Closed({}),
  way: 'tell',
  handle: (store, calls) => store.events(calls.map((call) => statusEvent('LogStatusNotification', call))),
});
