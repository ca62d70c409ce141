import assert from 'node:assert/strict';
import { until } from '../../support/until.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

const boot = { chargePointVendor: 'Vendor', chargePointModel: 'Model' };

story('a boot is accepted with the heartbeat interval and our time, and what it said is shown', async (t, stage) => {
  const id = stage.newId();
  const plug = await stage.plug(t, id);
  const conf = await plug.ask('BootNotification', { ...boot, firmwareVersion: '1.2.3' });
  assert.equal(conf.status, 'Accepted');
  assert.equal(conf.interval, 300);
  assert.match(String(conf.currentTime), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const shown = await stage.get<Record<string, unknown>>(`/api/v1/charge-points/${id}`);
  assert.equal(shown.vendor, 'Vendor');
  assert.equal(shown.firmwareVersion, '1.2.3');
});

story('a heartbeat is answered and last-seen follows', async (t, stage) => {
  const id = stage.newId();
  const plug = await stage.plug(t, id);
  const before = Date.now();
  assert.match(String((await plug.ask('Heartbeat', {})).currentTime), /\.\d{3}Z$/);
  await until(async () => {
    const shown = await stage.get<{ lastSeenAt: string | null }>(`/api/v1/charge-points/${id}`);
    return shown.lastSeenAt !== null && Date.parse(shown.lastSeenAt) >= before - 1;
  });
});

story('a null payload is read as an empty one', async (t, stage) => {
  const plug = await stage.plug(t, stage.newId());
  assert.ok((await plug.ask('Heartbeat', null)).currentTime);
});

story(
  'an empty frame, not-JSON and a message that is no array are passed over, the next Call is answered',
  async (t, stage) => {
    const plug = await stage.plug(t, stage.newId());
    for (const text of ['', '  ', 'hello', '{"a":1}', '42', 'null', '[]', '[2]', '[2,7,"Heartbeat",{}]'])
      plug.send(text);
    plug.socket.send(Buffer.from([1, 2, 3]), { binary: true });
    assert.ok((await plug.ask('Heartbeat', {})).currentTime);
    assert.equal(plug.frames.length, 1);
  },
);

story('what real chargers send beside the rules is counted by kind', async (t, stage) => {
  const plug = await stage.plug(t, stage.newId(), { gateway: 0 });
  plug.send('');
  plug.send('hello');
  plug.socket.send(Buffer.from([1]), { binary: true });
  plug.send('[3,"nobody asked",{}]');
  plug.send('[4,"nobody asked","GenericError","",{}]');
  await plug.ask('Heartbeat', null);
  const counted = async () => await (await fetch(`${stage.cluster.gateways[0]?.opsUrl}/metrics`)).text();
  for (const kind of ['empty', 'unreadable', 'binary', 'answer-to-nothing'])
    await until(async () =>
      new RegExp(`^voltgate_ignored_frames_total\\{kind="${kind}"\\} [1-9]`, 'm').test(await counted()),
    );
  await until(async () => /^voltgate_deviations_total\{kind="null-payload",.*\} [1-9]/m.test(await counted()));
  await until(() => stage.logs.filter(({ messageId }) => messageId === 'nobody asked').length === 2);
});

story('a broken message with a readable id gets a CALLERROR, the socket stays', async (t, stage) => {
  const plug = await stage.plug(t, stage.newId());
  plug.send('[2,"a",7,{}]');
  plug.send('[9,"b","Heartbeat",{}]');
  plug.send('[2,"c","Heartbeat",{},{}]');
  await until(() => plug.frames.length === 3);
  assert.deepEqual(
    plug.frames.map(([type, id, code]) => [type, id, code]),
    [
      [4, 'a', 'FormationViolation'],
      [4, 'b', 'ProtocolError'],
      [4, 'c', 'FormationViolation'],
    ],
  );
  assert.ok((await plug.ask('Heartbeat', {})).currentTime);
});

story('an unknown action is NotImplemented, one for charge points NotSupported', async (t, stage) => {
  const plug = await stage.plug(t, stage.newId());
  const unknown = await plug.call('MakeCoffee', {});
  const foreign = await plug.call('RemoteStartTransaction', { idTag: 'A' });
  assert.equal(unknown.type === 'error' && unknown.code, 'NotImplemented');
  assert.equal(foreign.type === 'error' && foreign.code, 'NotSupported');
});

story('a payload that breaks its schema is refused with the code of its fault, naming the field', async (t, stage) => {
  const plug = await stage.plug(t, stage.newId());
  const cases = [
    [{ chargePointModel: 'M' }, 'OccurenceConstraintViolation', 'chargePointVendor'],
    [{ chargePointModel: 'M', chargePointVendor: 7 }, 'TypeConstraintViolation', 'chargePointVendor'],
    [{ chargePointModel: 'M', chargePointVendor: 'V'.repeat(21) }, 'TypeConstraintViolation', 'chargePointVendor'],
    [{ ...boot, colour: 'green' }, 'FormationViolation', 'colour'],
  ] as const;
  for (const [payload, code, field] of cases) {
    const outcome = await plug.call('BootNotification', payload);
    assert.equal(outcome.type === 'error' && outcome.code, code);
    assert.ok(outcome.type === 'error' && outcome.description.includes(field));
  }
  const status = await plug.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Sleeping' });
  assert.equal(status.type === 'error' && status.code, 'PropertyConstraintViolation');
});

story('a 200 KB frame is answered or closes its own connection, and nobody else notices', async (t, stage) => {
  const other = await stage.plug(t, stage.newId(), { gateway: 0 });
  const plug = await stage.plug(t, stage.newId(), { gateway: 0 });
  const outcome = await plug.call('DataTransfer', { vendorId: 'V', data: 'x'.repeat(200_000) });
  assert.equal(outcome.type, 'result');
  assert.ok((await other.ask('Heartbeat', {})).currentTime);
});

story('a frame beyond the limit closes its own connection only', async (t, stage) => {
  const other = await stage.plug(t, stage.newId(), { gateway: 0 });
  const plug = await stage.plug(t, stage.newId(), { gateway: 0 });
  plug.send(`[2,"x","DataTransfer",{"vendorId":"V","data":"${'x'.repeat(2_000_000)}"}]`);
  await plug.closed;
  assert.ok((await other.ask('Heartbeat', {})).currentTime);
});

story('a flood of unanswered Calls closes the connection', async (t, stage) => {
  const plug = await stage.plug(t, stage.newId());
  for (let count = 0; count < 2_000; count++) plug.send(`[2,"${count}","Authorize",{"idTag":"A"}]`);
  assert.equal((await plug.closed).code, 4008);
});

story('Calls sent without waiting are answered in their order', async (t, stage) => {
  const plug = await stage.plug(t, stage.newId());
  for (let count = 0; count < 50; count++) {
    plug.send(count % 2 ? `[2,"${count}","Heartbeat",{}]` : `[2,"${count}","Authorize",{"idTag":"A"}]`);
  }
  await until(() => plug.frames.length === 50);
  assert.deepEqual(
    plug.frames.map(([, id]) => id),
    Array.from({ length: 50 }, (_, count) => `${count}`),
  );
});

story('an answer to nothing is ignored', async (t, stage) => {
  const plug = await stage.plug(t, stage.newId());
  plug.send('[3,"unknown",{}]');
  plug.send('[4,"unknown","GenericError","",{}]');
  assert.ok((await plug.ask('Heartbeat', {})).currentTime);
  assert.equal(plug.frames.length, 1);
});

story('one message id on two sockets and two actions is two Calls', async (t, stage) => {
  const one = await stage.plug(t, stage.newId());
  const two = await stage.plug(t, stage.newId());
  const outcomes = await Promise.all([one.call('Heartbeat', {}, '1'), two.call('Authorize', { idTag: 'nobody' }, '1')]);
  assert.ok(outcomes[0].type === 'result' && outcomes[0].payload.currentTime);
  assert.ok(outcomes[1].type === 'result' && outcomes[1].payload.idTagInfo);
  const again = await one.call('Authorize', { idTag: 'nobody' }, '1');
  assert.ok(again.type === 'result' && again.payload.idTagInfo);
});

story(
  'a tolerant charge point may deviate in the known ways, and is counted; a strict one may not',
  async (t, stage) => {
    const [strict, tolerant] = [stage.newId(), stage.newId()];
    const { upsertChargePoint } = await import('@voltgate/shared/store/administration.ts');
    await upsertChargePoint(stage.store.db, { chargePointId: tolerant, tolerant: true });
    const payload = { ...boot, chargePointSerialNumber: 'S'.repeat(60), colour: 'green' };
    const refused = await (await stage.plug(t, strict)).call('BootNotification', payload);
    assert.equal(refused.type, 'error');
    const plug = await stage.plug(t, tolerant, { gateway: 0 });
    assert.equal((await plug.ask('BootNotification', payload)).status, 'Accepted');
    assert.equal((await plug.call('BootNotification', { ...payload, chargePointVendor: 7 })).type, 'error');
    const metrics = await (await fetch(`${stage.cluster.gateways[0]?.opsUrl}/metrics`)).text();
    assert.match(metrics, /voltgate_deviations_total\{kind="over-long"/);
    assert.match(metrics, /voltgate_deviations_total\{kind="extra-field"/);
    assert.ok(!metrics.includes(tolerant));
  },
);

story('notifications and data transfers are taken', async (t, stage) => {
  const plug = await stage.plug(t, stage.newId());
  assert.equal(
    (await plug.ask('DataTransfer', { vendorId: 'V', messageId: 'm', data: 'd' })).status,
    'UnknownVendorId',
  );
  assert.deepEqual(await plug.ask('DiagnosticsStatusNotification', { status: 'Uploading' }), {});
  assert.deepEqual(await plug.ask('FirmwareStatusNotification', { status: 'Downloading' }), {});
  assert.deepEqual(await plug.ask('LogStatusNotification', { status: 'Uploading', requestId: 1 }), {});
  assert.deepEqual(
    await plug.ask('SecurityEventNotification', { type: 'Tamper', timestamp: new Date().toISOString() }),
    {},
  );
  assert.deepEqual(await plug.ask('SignedFirmwareStatusNotification', { status: 'Downloading', requestId: 1 }), {});
  assert.equal((await plug.ask('SignCertificate', { csr: 'CSR' })).status, 'Rejected');
});
