import { Type } from '@sinclair/typebox';
import { incoming } from '../define.ts';
import { Closed, OneOf } from '../types.ts';
import { statusEvent } from './event.ts';

/** [Security Whitepaper, SignedFirmwareStatusNotification] How the update asked for by SignedUpdateFirmware goes. */
export const signedFirmwareStatusNotification = incoming({
  action: 'SignedFirmwareStatusNotification',
  request: Closed({
    status: OneOf(
      'Downloaded',
      'DownloadFailed',
      'Downloading',
      'DownloadScheduled',
      'DownloadPaused',
      'Idle',
      'InstallationFailed',
      'Installing',
      'Installed',
      'InstallRebooting',
      'InstallScheduled',
      'InstallVerificationFailed',
      'InvalidSignature',
      'SignatureVerified',
    ),
    requestId: Type.Optional(Type.Integer()),
  }),
  response: Closed({}),
  way: 'tell',
  handle: (store, calls) => store.events(calls.map((call) => statusEvent('SignedFirmwareStatusNotification', call))),
});
