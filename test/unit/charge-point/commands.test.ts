import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandRefused } from '../../support/charge-point/charge-point.ts';
import { charger } from './charger.ts';
import { eventually, type Fields, scriptedCentralSystem } from './scripted-central-system.ts';

const PROFILE = {
  chargingProfileId: 1,
  stackLevel: 0,
  chargingProfilePurpose: 'TxDefaultProfile',
  chargingProfileKind: 'Absolute',
  chargingSchedule: { chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: 4_000 }] },
};
const HASH = { hashAlgorithm: 'SHA256', issuerNameHash: 'x', issuerKeyHash: 'y', serialNumber: 'z' };

/** Every command, with an answer it must contain. In this order: some change what later ones answer. */
const ANSWERS: readonly (readonly [string, Fields, Fields])[] = [
  ['GetLocalListVersion', {}, { listVersion: 0 }],
  [
    'SendLocalList',
    { listVersion: 3, updateType: 'Full', localAuthorizationList: [{ idTag: 'A', idTagInfo: { status: 'Blocked' } }] },
    { status: 'Accepted' },
  ],
  ['SendLocalList', { listVersion: 3, updateType: 'Differential' }, { status: 'VersionMismatch' }],
  ['GetLocalListVersion', {}, { listVersion: 3 }],
  ['ClearCache', {}, { status: 'Accepted' }],
  ['DataTransfer', { vendorId: 'x' }, { status: 'UnknownVendorId' }],
  ['ChangeConfiguration', { key: 'HeartbeatInterval', value: '17' }, { status: 'Accepted' }],
  ['ChangeConfiguration', { key: 'HeartbeatInterval', value: 'soon' }, { status: 'Rejected' }],
  ['ChangeConfiguration', { key: 'NumberOfConnectors', value: '9' }, { status: 'Rejected' }],
  ['ChangeConfiguration', { key: 'WebSocketPingInterval', value: '9' }, { status: 'RebootRequired' }],
  ['ChangeConfiguration', { key: 'Nonsense', value: '1' }, { status: 'NotSupported' }],
  [
    'GetConfiguration',
    { key: ['HeartbeatInterval', 'Nonsense', 'AuthorizationKey'] },
    {
      configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: '17' }],
      unknownKey: ['Nonsense', 'AuthorizationKey'],
    },
  ],
  ['SetChargingProfile', { connectorId: 1, csChargingProfiles: PROFILE }, { status: 'Accepted' }],
  [
    'GetCompositeSchedule',
    { connectorId: 1, duration: 60 },
    { status: 'Accepted', connectorId: 1, chargingSchedule: { ...PROFILE.chargingSchedule, duration: 60 } },
  ],
  ['ClearChargingProfile', { id: 1 }, { status: 'Accepted' }],
  ['ClearChargingProfile', {}, { status: 'Unknown' }],
  [
    'ReserveNow',
    { connectorId: 1, reservationId: 5, idTag: 'A', expiryDate: '2030-01-01T00:00:00Z' },
    { status: 'Accepted' },
  ],
  ['RemoteStartTransaction', { connectorId: 1, idTag: 'OTHER' }, { status: 'Rejected' }],
  ['CancelReservation', { reservationId: 5 }, { status: 'Accepted' }],
  ['CancelReservation', { reservationId: 5 }, { status: 'Rejected' }],
  ['ChangeAvailability', { connectorId: 2, type: 'Inoperative' }, { status: 'Accepted' }],
  ['RemoteStartTransaction', { connectorId: 2, idTag: 'A' }, { status: 'Rejected' }],
  ['RemoteStopTransaction', { transactionId: 5 }, { status: 'Rejected' }],
  ['UnlockConnector', { connectorId: 1 }, { status: 'Unlocked' }],
  ['TriggerMessage', { requestedMessage: 'Heartbeat' }, { status: 'Accepted' }],
  ['TriggerMessage', { requestedMessage: 'Nonsense' }, { status: 'NotImplemented' }],
  ['ExtendedTriggerMessage', { requestedMessage: 'LogStatusNotification' }, { status: 'Accepted' }],
  ['GetDiagnostics', { location: 'http://x' }, { fileName: 'CP1-diagnostics.log' }],
  ['GetLog', { logType: 'SecurityLog', requestId: 1, log: { remoteLocation: 'http://x' } }, { status: 'Accepted' }],
  [
    'InstallCertificate',
    { certificateType: 'CentralSystemRootCertificate', certificate: '-----BEGIN CERTIFICATE-----' },
    { status: 'Accepted' },
  ],
  ['GetInstalledCertificateIds', { certificateType: 'CentralSystemRootCertificate' }, { status: 'Accepted' }],
  ['DeleteCertificate', { certificateHashData: HASH }, { status: 'NotFound' }],
  ['CertificateSigned', { certificateChain: 'x' }, { status: 'Accepted' }],
  ['SignedUpdateFirmware', { requestId: 1, firmware: { location: 'http://x' } }, { status: 'Accepted' }],
];

test('every command without a transaction is answered as the specification says', async (t) => {
  const central = await scriptedCentralSystem(t);
  await charger(t, central.url).ready();
  for (const [action, payload, expected] of ANSWERS) {
    const answer = await central.ask(action, payload);
    assert.deepEqual({ ...answer, ...expected }, answer, `${action} answered ${JSON.stringify(answer)}`);
  }
});

test('an unknown command is NotImplemented and a missing field is named', async (t) => {
  const central = await scriptedCentralSystem(t);
  await charger(t, central.url).ready();
  assert.deepEqual((await central.command('Dance')).slice(2, 3), ['NotImplemented']);
  const refusal = await central.command('ReserveNow', { connectorId: 1 });
  assert.deepEqual(refusal.slice(2, 4), ['OccurenceConstraintViolation', 'reservationId is missing']);
});

test('a remote start really starts and a remote stop really stops', async (t) => {
  const central = await scriptedCentralSystem(t);
  const chargePoint = charger(t, central.url);
  await chargePoint.ready();
  assert.equal((await central.ask('RemoteStartTransaction', { idTag: 'TAG9' })).status, 'Accepted');
  await eventually(() => central.calls('StartTransaction').length === 1, 'the start');
  assert.equal(central.calls('StartTransaction')[0]?.payload.idTag, 'TAG9');
  await eventually(() => chargePoint.transaction(1)?.startConfirmed === true, 'its conf');
  assert.equal((await central.ask('ChangeAvailability', { connectorId: 1, type: 'Inoperative' })).status, 'Scheduled');
  assert.equal((await central.ask('RemoteStopTransaction', { transactionId: 101 })).status, 'Accepted');
  await chargePoint.flushed();
  assert.equal(central.calls('StopTransaction')[0]?.payload.reason, 'Remote');
  chargePoint.unplug(1);
  await chargePoint.ready();
  const statuses = central.calls('StatusNotification').filter(({ payload }) => payload.connectorId === 1);
  assert.deepEqual(
    statuses.map(({ payload }) => payload.status),
    ['Available', 'Preparing', 'Charging', 'Finishing', 'Unavailable'],
  );
});

test('a reset stops the transaction, closes the socket and boots again', async (t) => {
  for (const [type, reason] of [
    ['Soft', 'SoftReset'],
    ['Hard', 'HardReset'],
  ] as const) {
    const central = await scriptedCentralSystem(t);
    const chargePoint = charger(t, central.url);
    await chargePoint.ready();
    await chargePoint.startTransaction({ connectorId: 1, idTag: 'TAG1' });
    assert.equal((await central.ask('Reset', { type })).status, 'Accepted');
    await eventually(() => central.calls('BootNotification').length === 2, 'the second boot');
    await chargePoint.flushed();
    assert.equal(central.upgrades.length, 2);
    assert.equal(central.calls('StopTransaction').at(-1)?.payload.reason, reason);
  }
});

test('a new AuthorizationKey is used from the next handshake on, which is made at once', async (t) => {
  const central = await scriptedCentralSystem(t);
  const chargePoint = charger(t, central.url, { password: 'old' });
  await chargePoint.ready();
  await central.ask('ChangeConfiguration', { key: 'AuthorizationKey', value: '00FFab' });
  await eventually(() => central.upgrades.length === 2, 'a new handshake');
  const [, encoded = ''] = central.upgrades[1]?.headers.authorization?.split(' ') ?? [];
  assert.deepEqual(Buffer.from(encoded, 'base64'), Buffer.concat([Buffer.from('CP1:'), Buffer.from('00ffab', 'hex')]));
});

test('triggered messages follow the answer', async (t) => {
  const central = await scriptedCentralSystem(t);
  const chargePoint = charger(t, central.url);
  await chargePoint.ready();
  for (const requestedMessage of [
    'BootNotification',
    'DiagnosticsStatusNotification',
    'FirmwareStatusNotification',
    'MeterValues',
  ]) {
    const before = central.calls(requestedMessage).length;
    assert.equal((await central.ask('TriggerMessage', { requestedMessage, connectorId: 1 })).status, 'Accepted');
    await eventually(() => central.calls(requestedMessage).length > before, requestedMessage);
  }
  assert.match(JSON.stringify(central.calls('MeterValues')[0]?.payload), /"context":"Trigger"/);
});

test('a trigger makes a Pending charger ask at once', async (t) => {
  const central = await scriptedCentralSystem(t, {
    BootNotification: (_payload, nth) => ({
      status: nth === 1 ? 'Pending' : 'Accepted',
      currentTime: new Date().toISOString(),
      interval: 100_000,
    }),
  });
  const chargePoint = charger(t, central.url);
  await eventually(() => central.calls('BootNotification').length === 1, 'the first boot');
  assert.equal((await central.ask('RemoteStartTransaction', { idTag: 'A' })).status, 'Rejected');
  await central.ask('TriggerMessage', { requestedMessage: 'BootNotification' });
  await chargePoint.ready();
});

test('an upload and an update are told step by step, and the new version at the boot', async (t) => {
  const central = await scriptedCentralSystem(t);
  const chargePoint = charger(t, central.url);
  await chargePoint.ready();
  await central.ask('GetDiagnostics', { location: 'ftp://x' });
  await central.ask('UpdateFirmware', { location: 'ftp://x', retrieveDate: '2026-01-01T00:00:00Z' });
  await eventually(() => central.calls('FirmwareStatusNotification').length === 4, 'the update');
  const words = (action: string) => central.calls(action).map(({ payload }) => payload.status);
  assert.deepEqual(words('DiagnosticsStatusNotification'), ['Uploading', 'Uploaded']);
  assert.deepEqual(words('FirmwareStatusNotification'), ['Downloading', 'Downloaded', 'Installing', 'Installed']);
  assert.deepEqual(
    central.calls('BootNotification').map(({ payload }) => payload.firmwareVersion),
    ['1.0.0', '1.0.1'],
  );
});

test('a story can answer a command in its own way, or not at all', async (t) => {
  const central = await scriptedCentralSystem(t);
  const chargePoint = charger(t, central.url);
  await chargePoint.ready();
  chargePoint.answer('ClearCache', () => ({ status: 'Rejected' }));
  assert.equal((await central.ask('ClearCache')).status, 'Rejected');
  chargePoint.answer('ClearCache', () => {
    throw new CommandRefused('InternalError', 'no');
  });
  assert.equal((await central.command('ClearCache'))[2], 'InternalError');
  chargePoint.answer('ClearCache', undefined);
  assert.equal((await central.ask('ClearCache')).status, 'Accepted');
});
