import { incoming } from '../define.ts';
import { Closed, OneOf } from '../types.ts';
import { statusEvent } from './event.ts';

/** [OCPP 1.6, 4.5] How the update asked for by UpdateFirmware goes. */
export const firmwareStatusNotification = incoming({
  action: 'FirmwareStatusNotification',
  request: Closed({
    status: OneOf(
      'Downloaded',
      'DownloadFailed',
      'Downloading',
      'Idle',
      'InstallationFailed',
      'Installing',
      'Installed',
    ),
  }),
  response: Closed({}),
  way: 'tell',
  handle: (store, calls) => store.events(calls.map((call) => statusEvent('FirmwareStatusNotification', call))),
});
