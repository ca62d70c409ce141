import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { upsertApiKey, upsertChargePoint, upsertIdTag } from '@voltgate/shared/store/administration.ts';
import { until } from '../../support/until.ts';
import { command, http } from '../http.ts';
import type { Plug } from '../plug.ts';
import type { Stage } from '../stage.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

type Shown = { readonly status: string; readonly response: unknown; readonly errorCode: string | null };

/** A connected charge point that is owned: a command reaches it. */
async function connected(t: TestContext, stage: Stage, gateway?: number): Promise<{ id: string; plug: Plug }> {
  const id = stage.newId();
  const plug = await stage.plug(t, id, gateway === undefined ? {} : { gateway });
  // Frames wait for the claim: an answer says that it is done.
  await plug.ask('Heartbeat', {});
  return { id, plug };
}

/** Waits until the record of a command says so. */
const record = (stage: Stage, commandId: string | null, status: string) =>
  until(
    async () => {
      const shown = await stage.get<Shown>(`/api/v1/commands/${commandId}`);
      return shown.status === status && shown;
    },
    { what: `command ${commandId} is ${status}` },
  );

const callsOf = (plug: Plug) => plug.frames.filter(([type]) => type === 2);

story('a command through any gateway reaches a charge point on any gateway', async (t, stage) => {
  const count = stage.cluster.gateways.length;
  for (let gateway = 0; gateway < count; gateway += 1) {
    const { id, plug } = await connected(t, stage, gateway);
    plug.answerAll(({ payload }) => ({ status: payload.idTag === 'good' ? 'Accepted' : 'Rejected' }));
    for (let asked = 0; asked < count; asked += 1) {
      const payload = { idTag: asked === 0 ? 'good' : 'bad', connectorId: 1 };
      const { status, body, headers } = await command(stage, id, 'RemoteStartTransaction', payload, { gateway: asked });
      assert.deepEqual([status, body], [200, { status: asked === 0 ? 'Accepted' : 'Rejected' }]);
      assert.equal(headers.get('location'), `/api/v1/commands/${headers.get('x-command-id')}`);
      const shown = await record(stage, headers.get('x-command-id'), 'answered');
      assert.deepEqual(shown.response, body);
    }
    const page = await stage.get<{ items: readonly unknown[] }>(`/api/v1/charge-points/${id}/commands?limit=10`);
    assert.equal(page.items.length, count);
  }
});

story('a charge point that is not connected is refused at once, an unknown one is not found', async (t, stage) => {
  const id = stage.newId();
  await upsertChargePoint(stage.store.db, { chargePointId: id });
  const headers = await until(
    async () => {
      const startedAtMs = performance.now();
      const answer = await command(stage, id, 'ClearCache');
      const tookMs = performance.now() - startedAtMs;
      assert.deepEqual([answer.status, answer.body.type], [409, 'urn:voltgate:problem:charge-point-offline']);
      t.diagnostic(`refused within ${tookMs.toFixed(1)} ms`);
      return tookMs < 250 && answer.headers;
    },
    { what: 'it is refused within 250 ms' },
  );
  await record(stage, headers.get('x-command-id'), 'aborted');
  assert.equal((await command(stage, stage.newId(), 'ClearCache')).status, 404);
  assert.equal((await command(stage, id, 'MakeCoffee')).status, 404);
});

story('a charge point that was connected is refused at once when it has gone', async (t, stage) => {
  const { id, plug } = await connected(t, stage);
  plug.close();
  await plug.closed;
  const { status } = await until(
    async () => {
      const answer = await command(stage, id, 'ClearCache', {}, { gateway: 1 });
      return answer.status === 409 && answer;
    },
    { what: 'it is offline' },
  );
  assert.equal(status, 409);
});

story('a silent charge point is 504, and its late answer is kept with its command', async (t, stage) => {
  const { id, plug } = await connected(t, stage);
  const pending = command(stage, id, 'Reset', { type: 'Soft' }, { query: '?timeout=3', gateway: 1 });
  const asked = await plug.asked('Reset');
  const { status, body, headers } = await pending;
  assert.equal(status, 504);
  assert.match(String(body.detail), /may still happen/);
  assert.match(String(body.traceId), /^[0-9a-f]{32}$/);
  await record(stage, headers.get('x-command-id'), 'timed-out');
  const next = command(stage, id, 'ClearCache');
  const clear = await plug.asked('ClearCache');
  asked.answer({ status: 'Accepted' });
  const shown = await record(stage, headers.get('x-command-id'), 'late');
  assert.deepEqual(shown.response, { status: 'Accepted' });
  clear.answer({ status: 'Rejected' });
  assert.deepEqual((await next).body, { status: 'Rejected' });
});

story('a CALLERROR is 502 with its code and description', async (t, stage) => {
  const { id, plug } = await connected(t, stage);
  const pending = command(stage, id, 'ClearCache');
  (await plug.asked()).refuse('NotSupported', 'no cache here');
  const { status, body, headers } = await pending;
  assert.equal(status, 502);
  assert.deepEqual([body.ocppErrorCode, body.ocppErrorDescription], ['NotSupported', 'no cache here']);
  assert.equal((await record(stage, headers.get('x-command-id'), 'rejected')).errorCode, 'NotSupported');
});

story('more commands than may wait are 429 with Retry-After', async (t, stage) => {
  const { id, plug } = await connected(t, stage);
  const pending = [command(stage, id, 'ClearCache')];
  const first = await plug.asked();
  const queue = 50;
  const outcomes: number[] = [];
  for (let index = 0; index < queue + 5; index += 1)
    pending.push(
      command(stage, id, 'ClearCache').then((answer) => {
        outcomes.push(answer.status);
        if (answer.status === 429) assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
        return answer;
      }),
    );
  await until(() => outcomes.length === 5, { what: 'five are refused' });
  plug.answerAll(() => ({ status: 'Accepted' }));
  first.answer({ status: 'Accepted' });
  const statuses = (await Promise.all(pending)).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 429).length, 5);
  assert.equal(statuses.filter((status) => status === 200).length, queue + 1);
});

story('a disconnect in mid-call says that it may still happen, and what waited was not sent', async (t, stage) => {
  const { id, plug } = await connected(t, stage);
  const sent = command(stage, id, 'Reset', { type: 'Hard' }, { gateway: 1 });
  await plug.asked('Reset');
  const waiting = command(stage, id, 'ClearCache');
  // The queue is behind the one in flight: a command that is refused later was taken before.
  await until(async () => {
    const page = await stage.get<{ items: readonly { action: string }[] }>(`/api/v1/charge-points/${id}/commands`);
    return page.items.some(({ action }) => action === 'ClearCache');
  });
  plug.socket.terminate();
  const first = await sent;
  assert.deepEqual([first.status, first.body.type], [504, 'urn:voltgate:problem:connection-lost']);
  const second = await waiting;
  assert.deepEqual([second.status, second.body.type], [409, 'urn:voltgate:problem:charge-point-offline']);
  assert.equal((await record(stage, first.headers.get('x-command-id'), 'aborted')).errorCode, 'connection-lost');
});

story('the same Idempotency-Key executes once and repeats the first outcome on every gateway', async (t, stage) => {
  const { id, plug } = await connected(t, stage);
  const headers = { 'idempotency-key': randomUUID() };
  const pending = command(stage, id, 'Reset', { type: 'Soft' }, { headers });
  const asked = await plug.asked('Reset');
  const during = await command(stage, id, 'Reset', { type: 'Soft' }, { headers, gateway: 1 });
  assert.deepEqual([during.status, during.body.type], [409, 'urn:voltgate:problem:idempotency-key-under-way']);
  asked.answer({ status: 'Accepted' });
  const first = await pending;
  const again = await command(stage, id, 'Reset', { type: 'Soft' }, { headers, gateway: 1 });
  assert.deepEqual([again.status, again.body], [200, { status: 'Accepted' }]);
  assert.equal(again.headers.get('x-command-id'), first.headers.get('x-command-id'));
  const other = await command(stage, id, 'Reset', { type: 'Hard' }, { headers });
  assert.equal(other.status, 422);
  assert.equal(callsOf(plug).length, 1);
});

story('a wrong payload is 400 and names the field', async (t, stage) => {
  const { id, plug } = await connected(t, stage);
  const wrong: readonly (readonly [string, unknown, string])[] = [
    ['Reset', { type: 'Medium' }, 'type'],
    ['Reset', {}, 'type'],
    ['RemoteStartTransaction', { idTag: 'x'.repeat(21) }, 'idTag'],
    ['ChangeConfiguration', { key: 'a', value: 'b', more: 1 }, 'more'],
    [
      'SetChargingProfile',
      { connectorId: 1, csChargingProfiles: { stackLevel: 'x' } },
      'csChargingProfiles.stackLevel',
    ],
  ];
  for (const [action, payload, field] of wrong) {
    const { status, body } = await command(stage, id, action, payload);
    const fields = (body.errors as readonly { field: string }[]).map((error) => error.field);
    assert.equal(status, 400);
    assert.ok(fields.includes(field), `${action}: ${JSON.stringify(body)}`);
  }
  assert.equal((await command(stage, id, 'ClearCache', {}, { query: '?timeout=0' })).status, 400);
  assert.equal(callsOf(plug).length, 0);
});

story('the two directions do not wait for each other', async (t, stage) => {
  const { id, plug } = await connected(t, stage);
  const pending = command(stage, id, 'TriggerMessage', { requestedMessage: 'Heartbeat' });
  const asked = await plug.asked('TriggerMessage');
  // Its own Call is answered while ours is open, and ours is answered while its own is.
  assert.ok((await plug.ask('Heartbeat', {})).currentTime);
  const own = plug.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' });
  asked.answer({ status: 'Accepted' });
  assert.equal((await pending).status, 200);
  assert.equal((await own).type, 'result');
});

story('RemoteStop overtakes GetConfiguration', async (t, stage) => {
  const { id, plug } = await connected(t, stage);
  const pending = command(stage, id, 'ClearCache');
  const first = await plug.asked('ClearCache');
  const given = async (action: string, payload: unknown) => {
    assert.equal((await command(stage, id, action, payload, { query: '?wait=false' })).status, 202);
  };
  await given('GetConfiguration', {});
  await given('ChangeConfiguration', { key: 'a', value: 'b' });
  await given('RemoteStopTransaction', { transactionId: 2_000_000_000 });
  await given('GetDiagnostics', { location: 'ftp://example.org/' });
  // It goes the same way after them: when its time has passed in the queue, they are in it too.
  const passed = await command(stage, id, 'ClearCache', {}, { query: '?timeout=1' });
  assert.deepEqual([passed.status, passed.body.type], [504, 'urn:voltgate:problem:not-sent-in-time']);
  const order: string[] = [];
  plug.answerAll(({ action }) => {
    order.push(action);
    return action === 'GetConfiguration' ? {} : { status: 'Accepted' };
  });
  first.answer({ status: 'Accepted' });
  assert.equal((await pending).status, 200);
  await until(() => order.length === 4, { what: 'four Calls' });
  assert.deepEqual(order, ['RemoteStopTransaction', 'ChangeConfiguration', 'GetConfiguration', 'GetDiagnostics']);
});

story('wait=false answers with an id that can be asked for at once', async (t, stage) => {
  const { id, plug } = await connected(t, stage);
  const { status, body } = await command(stage, id, 'ClearCache', {}, { query: '?wait=false' });
  assert.equal(status, 202);
  await stage.get(`/api/v1/commands/${body.commandId}`);
  (await plug.asked('ClearCache')).answer({ status: 'Accepted' });
  await record(stage, String(body.commandId), 'answered');
});

story('a boot that was not accepted limits what may be told', async (t, stage) => {
  const id = stage.newId();
  await upsertChargePoint(stage.store.db, { chargePointId: id, registrationStatus: 'Pending' });
  const plug = await stage.plug(t, id);
  const boot = { chargePointVendor: 'V', chargePointModel: 'M' };
  await plug.ask('BootNotification', boot);
  plug.answerAll(() => ({ status: 'Accepted' }));
  const start = () => command(stage, id, 'RemoteStartTransaction', { idTag: 'x' });
  const { status, body } = await start();
  assert.deepEqual([status, body.type], [409, 'urn:voltgate:problem:registration-pending']);
  assert.equal((await command(stage, id, 'TriggerMessage', { requestedMessage: 'Heartbeat' })).status, 200);
  await upsertChargePoint(stage.store.db, { chargePointId: id, registrationStatus: 'Rejected' });
  await plug.ask('BootNotification', boot);
  const rejected = await command(stage, id, 'TriggerMessage', { requestedMessage: 'Heartbeat' });
  assert.deepEqual([rejected.status, rejected.body.type], [409, 'urn:voltgate:problem:registration-rejected']);
  await upsertChargePoint(stage.store.db, { chargePointId: id, registrationStatus: 'Accepted' });
  await plug.ask('BootNotification', boot);
  assert.equal((await start()).status, 200);
});

story('a RemoteStop for the transaction of another charge point is refused', async (t, stage) => {
  const own = await connected(t, stage);
  const other = await connected(t, stage);
  const idTag = `cmd-${own.id.slice(3)}`;
  await upsertIdTag(stage.store.db, { idTag });
  const start = { connectorId: 1, idTag, meterStart: 0, timestamp: new Date().toISOString() };
  const { transactionId } = await own.plug.ask('StartTransaction', start);
  for (const { plug } of [own, other]) plug.answerAll(() => ({ status: 'Accepted' }));
  const refused = await command(stage, other.id, 'RemoteStopTransaction', { transactionId });
  assert.deepEqual(
    [refused.status, refused.body.type],
    [409, 'urn:voltgate:problem:transaction-of-another-charge-point'],
  );
  assert.equal((await command(stage, own.id, 'RemoteStopTransaction', { transactionId })).status, 200);
  assert.equal(callsOf(other.plug).length, 0);
});

story('ids that the caller leaves out are given, and times go out in UTC', async (t, stage) => {
  const { id, plug } = await connected(t, stage);
  const reservation = { connectorId: 1, expiryDate: '2031-01-31T13:00:00+01:00', idTag: 'x' };
  const given: unknown[] = [];
  for (const _ of [1, 2]) {
    const pending = command(stage, id, 'ReserveNow', reservation);
    const asked = await plug.asked('ReserveNow');
    assert.equal(asked.payload.expiryDate, '2031-01-31T12:00:00.000Z');
    given.push(asked.payload.reservationId);
    asked.answer({ status: 'Accepted' });
    assert.equal((await pending).status, 200);
  }
  assert.ok(given.every(Number.isInteger));
  assert.notEqual(given[0], given[1]);
  const profile = {
    stackLevel: 0,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 16.1 }] },
  };
  const pending = command(stage, id, 'SetChargingProfile', { connectorId: 0, csChargingProfiles: profile });
  const asked = await plug.asked('SetChargingProfile');
  const sent = asked.payload.csChargingProfiles as Record<string, unknown>;
  assert.ok(Number.isInteger(sent.chargingProfileId));
  asked.answer({ status: 'Accepted' });
  assert.equal((await pending).status, 200);
});

story('a viewer may look at commands and give none', async (t, stage) => {
  const { id } = await connected(t, stage);
  const apiKey = randomUUID();
  await upsertApiKey(stage.store.db, { key: apiKey, name: 'viewer', role: 'viewer' });
  const refused = await command(stage, id, 'ClearCache', {}, { apiKey });
  assert.deepEqual([refused.status, refused.body.type], [403, 'urn:voltgate:problem:forbidden']);
  const path = `/api/v1/charge-points/${id}/commands`;
  assert.equal((await http(stage, path, { method: 'GET', apiKey })).status, 200);
});

story('a Heartbeat that was asked for is followed until it comes', async (t, stage) => {
  const { id, plug } = await connected(t, stage);
  const followOf = async (commandId: string | null) =>
    (await stage.get<{ follow: { status: string; detail: unknown } | null }>(`/api/v1/commands/${commandId}`)).follow;
  const trigger = async (requestedMessage: string, answer: string) => {
    const asking = command(stage, id, 'TriggerMessage', { requestedMessage });
    (await plug.asked('TriggerMessage')).answer({ status: answer });
    const commandId = (await asking).headers.get('x-command-id');
    await record(stage, commandId, 'answered');
    return commandId;
  };
  const refused = await trigger('Heartbeat', 'Rejected');
  const other = await trigger('MeterValues', 'Accepted');
  const asked = await trigger('Heartbeat', 'Accepted');
  assert.equal((await followOf(asked))?.status, 'waiting');
  const { currentTime } = await plug.ask('Heartbeat', {});
  const follow = await until(async () => {
    const now = await followOf(asked);
    return now?.status === 'happened' && now;
  });
  const { heartbeatAt } = follow.detail as { readonly heartbeatAt: string };
  assert.ok(Math.abs(Date.parse(heartbeatAt) - Date.parse(String(currentTime))) < 30_000);
  assert.equal(await followOf(refused), null);
  assert.equal((await followOf(other))?.status, 'waiting');
});

story('an answer to nothing disturbs nothing', async (t, stage) => {
  const { id, plug } = await connected(t, stage);
  plug.send(JSON.stringify([3, randomUUID(), {}]));
  plug.answerAll(() => ({ status: 'Accepted' }));
  assert.equal((await command(stage, id, 'ClearCache')).status, 200);
});

story('GetConfiguration in batches asks no more keys at once than the charge point can take', async (t, stage) => {
  const { id, plug } = await connected(t, stage);
  const values = new Map(Array.from({ length: 7 }, (_, index) => [`Key${index}`, `${index}`]));
  values.set('GetConfigurationMaxKeys', '3');
  const asked: number[] = [];
  plug.answerAll(({ payload }) => {
    const keys = (payload.key ?? []) as string[];
    asked.push(keys.length);
    return {
      configurationKey: keys.flatMap((key) =>
        values.has(key) ? [{ key, readonly: false, value: values.get(key) }] : [],
      ),
      unknownKey: keys.filter((key) => !values.has(key)),
    };
  });
  const key = [...values.keys(), 'Nobody'];
  const { status, body } = await command(stage, id, 'GetConfiguration', { key }, { query: '?batch=true' });
  assert.equal(status, 200);
  assert.deepEqual(
    (body.configurationKey as { key: string }[]).map((each) => each.key),
    [...values.keys()],
  );
  assert.deepEqual(body.unknownKey, ['Nobody']);
  assert.deepEqual(asked, [1, 3, 3, 3]);

  // Without keys: those that are known by now.
  await until(async () => {
    const { items } = await stage.get<{ items: unknown[] }>(`/api/v1/charge-points/${id}/configuration`);
    return items.length === 9;
  });
  const again = await command(stage, id, 'GetConfiguration', {}, { query: '?batch=true' });
  assert.equal((again.body.configurationKey as unknown[]).length, 8);
  const refused = await command(stage, id, 'GetConfiguration', {}, { query: '?batch=true&wait=false' });
  assert.deepEqual([refused.status, (refused.body.errors as { field: string }[])[0]?.field], [400, 'batch']);
});
