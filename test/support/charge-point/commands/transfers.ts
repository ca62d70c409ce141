import type { Inside } from '../inside.ts';
import { pause } from '../pause.ts';
import type { Payload } from '../wire.ts';
import { asPayload } from '../wire.ts';
import { type Command, integer, status, text } from './command.ts';

/** [OCPP 1.6, 5.9] the upload itself is only told, not done. */
export const getDiagnostics: Command = (inside, payload) => {
  text(payload, 'location');
  const tell = (word: string) => {
    inside.memory.diagnosticsStatus = word;
    return notify(inside, 'DiagnosticsStatusNotification', { status: word });
  };
  return {
    payload: { fileName: `${inside.settings.id}-diagnostics.log` },
    afterwards: () => inSteps(inside, [() => tell('Uploading'), () => tell('Uploaded'), () => rest(inside)]),
  };
};

/** [OCPP 1.6, 5.19] the new version is told by the boot that follows the installation. */
export const updateFirmware: Command = (inside, payload) => {
  text(payload, 'location');
  text(payload, 'retrieveDate');
  return { payload: {}, afterwards: () => install(inside, 'FirmwareStatusNotification', {}) };
};

/** [OCPP 1.6 security whitepaper] */
export const signedUpdateFirmware: Command = (inside, payload) => {
  const requestId = integer(payload, 'requestId');
  text(asPayload(payload.firmware), 'location');
  return status('Accepted', () => install(inside, 'SignedFirmwareStatusNotification', { requestId }));
};

/** [OCPP 1.6 security whitepaper] */
export const getLog: Command = (inside, payload) => {
  const requestId = integer(payload, 'requestId');
  const tell = (word: string) => {
    inside.memory.logStatus = word;
    return notify(inside, 'LogStatusNotification', { status: word, requestId });
  };
  return {
    payload: { status: 'Accepted', filename: `${inside.settings.id}-${text(payload, 'logType')}.log` },
    afterwards: () => inSteps(inside, [() => tell('Uploading'), () => tell('Uploaded'), () => rest(inside)]),
  };
};

function install(inside: Inside, action: string, fields: Payload): Promise<void> {
  const tell = (word: string) => {
    inside.memory.firmwareStatus = word;
    return notify(inside, action, { status: word, ...fields });
  };
  return inSteps(inside, [
    () => tell('Downloading'),
    () => tell('Downloaded'),
    () => tell('Installing'),
    async () => {
      inside.memory.firmwareVersion = nextVersion(inside.memory.firmwareVersion);
      inside.reboot();
      await inside.conditions.until(inside.isReady, () => 'the boot after an update', Number.POSITIVE_INFINITY);
      await tell('Installed');
    },
    () => rest(inside),
  ]);
}

async function rest({ memory }: Inside): Promise<void> {
  memory.diagnosticsStatus = 'Idle';
  memory.firmwareStatus = 'Idle';
  memory.logStatus = 'Idle';
}

async function inSteps(inside: Inside, steps: readonly (() => Promise<void>)[]): Promise<void> {
  for (const step of steps) {
    if (!(await pause(inside.settings.transferStepMs, inside.signal()))) return;
    await step();
  }
}

async function notify({ calls }: Inside, action: string, payload: Payload): Promise<void> {
  // A refused or lost progress message is not repeated: the next one says more.
  await calls.call(action, payload).catch(() => undefined);
}

function nextVersion(version: string): string {
  return version.replace(/\d+$/, (last) => String(Number(last) + 1));
}
