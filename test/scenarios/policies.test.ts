import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hashPassword } from '@voltgate/shared/credential.ts';
import { upsertApiKey, upsertChargePoint } from '@voltgate/shared/store/administration.ts';
import { until } from '../support/until.ts';
import { http } from './http.ts';
import { plugIn, Refused } from './plug.ts';
import { type Mode, openStage, type Stage } from './stage.ts';

const refused = (status: number) => (error: unknown) => error instanceof Refused && error.status === status;
const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

type Unknown = {
  readonly chargePointId: string;
  readonly attempts: number;
  readonly lastAt: string;
  readonly address: string;
  readonly subprotocols: readonly string[];
};

for (const mode of ['standalone', 'cluster'] satisfies Mode[]) {
  describe(`${mode} with strict policies`, () => {
    let stage: Stage;
    before(async () => {
      stage = await openStage(mode, {
        UNKNOWN_CHARGE_POINTS: 'refuse',
        ALLOW_PROFILE_0: 'false',
        MISSING_SUBPROTOCOL: 'refuse',
        BASIC_AUTH_USER: 'any',
      });
    });
    after(() => stage?.close());

    test('an identity nobody registered is 404, and gets in once it is registered', async (t) => {
      const id = stage.newId();
      await assert.rejects(stage.plug(t, id), refused(404));
      await upsertChargePoint(stage.store.db, { chargePointId: id, credential: await hashPassword('secret') });
      const headers = basic(id, 'secret');
      const plug = await until(() => stage.plug(t, id, { headers }), { everyMs: 100 });
      assert.ok((await plug.ask('Heartbeat', {})).currentTime);
    });

    test('a refused identity is listed for the operator until it is registered', async (t) => {
      const [id, other] = [`${stage.newId()} ü/1`, stage.newId()];
      const plug = (who: string) =>
        stage.plug(t, who, {
          gateway: 0,
          subprotocols: ['ocpp1.6', 'ocpp1.5'],
          headers: { 'X-Forwarded-For': '203.0.113.7' },
        });
      for (const who of [other, id, id, id]) await assert.rejects(plug(who), refused(404));
      const listed = async (who: string) =>
        (await stage.get<{ items: readonly Unknown[] }>('/api/v1/unknown-charge-points')).items.find(
          ({ chargePointId }) => chargePointId === who,
        );
      const shown = await until(() => listed(id));
      assert.ok(shown.attempts >= 1);
      assert.ok(Math.abs(Date.parse(shown.lastAt) - Date.now()) < 60_000);
      assert.deepEqual([shown.address, shown.subprotocols], ['203.0.113.7', ['ocpp1.6', 'ocpp1.5']]);
      await until(() => listed(other));

      const path = (who: string) => `/api/v1/unknown-charge-points/${encodeURIComponent(who)}`;
      const viewer = `viewer-${other}`;
      await upsertApiKey(stage.store.db, { key: viewer, name: viewer, role: 'viewer' });
      assert.equal((await http(stage, path(other), { method: 'DELETE', apiKey: viewer })).status, 403);
      assert.equal((await http(stage, '/api/v1/unknown-charge-points', { method: 'GET', apiKey: viewer })).status, 200);
      assert.equal((await http(stage, path(other), { method: 'DELETE' })).status, 204);
      assert.equal((await http(stage, path(other), { method: 'DELETE' })).status, 404);

      assert.equal((await http(stage, '/api/v1/charge-points', { body: { chargePointId: id } })).status, 201);
      assert.deepEqual([await listed(id), await listed(other)], [undefined, undefined]);
    });

    test('an identity with control characters, or too long, is refused and never listed', async () => {
      const url = stage.cluster.ocppUrls[0];
      const ids = ['CP%00', 'CP%0A1', 'CP%C2%9B', 'x'.repeat(49)];
      for (const id of ids) await assert.rejects(plugIn(`${url}/${id}`), refused(404));
      const marker = stage.newId();
      await assert.rejects(plugIn(`${url}/${marker}`), refused(404));
      const listed = await until(async () => {
        const { items } = await stage.get<{ items: readonly Unknown[] }>('/api/v1/unknown-charge-points?limit=500');
        return items.some(({ chargePointId }) => chargePointId === marker) && items;
      });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
      assert.ok(listed.every(({ chargePointId: id }) => id.length <= 48 && !/[\u0000-\u001f\u007f-\u009f]/.test(id)));
    });

    test('a charge point without a credential is refused, profile 0 being off', async (t) => {
      const id = stage.newId();
      await upsertChargePoint(stage.store.db, { chargePointId: id });
      await assert.rejects(stage.plug(t, id), refused(401));
    });

    test('another user name is let in by policy, another password is not', async (t) => {
      const id = stage.newId();
      await upsertChargePoint(stage.store.db, { chargePointId: id, credential: await hashPassword('secret') });
      await assert.rejects(stage.plug(t, id, { headers: basic('somebody', 'wrong') }), refused(401));
      await stage.plug(t, id, { headers: basic('somebody', 'secret') });
    });

    test('a charger that offers no subprotocol is refused by policy', async (t) => {
      const id = stage.newId();
      await upsertChargePoint(stage.store.db, { chargePointId: id, credential: await hashPassword('secret') });
      await assert.rejects(stage.plug(t, id, { subprotocols: [], headers: basic(id, 'secret') }), refused(400));
    });
  });
}

describe('a cluster whose workers are gone', () => {
  let stage: Stage;
  before(async () => {
    stage = await openStage('cluster', { ASK_TIMEOUT_MS: '1000', IDENTITY_CACHE_MS: '60000' });
  });
  after(() => stage?.close());

  test('answers what can be answered, and lets the charger retry the rest', { timeout: 600_000 }, async (t) => {
    const [id, pending] = [stage.newId(), stage.newId()];
    await upsertChargePoint(stage.store.db, { chargePointId: pending, registrationStatus: 'Pending' });
    // As chargers do: the first handshakes may wait for a cold worker longer than an ask may.
    const [known, knownPending] = [
      await until(() => stage.plug(t, id, { gateway: 0 }), { everyMs: 100 }),
      await until(() => stage.plug(t, pending, { gateway: 0 }), { everyMs: 100 }),
    ];
    for (const worker of stage.cluster.workers) {
      worker.kill('SIGKILL');
      await worker.ended;
    }
    const boot = { chargePointVendor: 'V', chargePointModel: 'M' };
    assert.ok((await known.ask('Heartbeat', {})).currentTime);
    assert.equal((await known.ask('BootNotification', boot)).status, 'Accepted');
    assert.equal((await knownPending.ask('BootNotification', boot)).status, 'Pending');
    assert.deepEqual((await known.ask('Authorize', { idTag: 'A' })).idTagInfo, { status: 'Invalid' });
    assert.equal((await known.ask('DataTransfer', { vendorId: 'V' })).status, 'Rejected');
    const at = new Date().toISOString();
    const start = { connectorId: 1, idTag: 'later', meterStart: 0, timestamp: at };
    const outcome = await known.call('StartTransaction', start);
    assert.equal(outcome.type === 'error' && outcome.code, 'InternalError');
    // Told messages are durable without a worker.
    const status = { connectorId: 1, errorCode: 'NoError', status: 'Preparing', timestamp: at };
    assert.deepEqual(await known.ask('StatusNotification', status), {});

    // Known charge points come back, unknown ones are asked to come later; readiness says what is wrong.
    await stage.plug(t, id, { gateway: 0 });
    await assert.rejects(
      stage.plug(t, stage.newId(), { gateway: 0 }),
      (error: unknown) => refused(503)(error) && error instanceof Refused && Number(error.headers['retry-after']) > 0,
    );
    const opsUrl = stage.cluster.gateways[0]?.opsUrl;
    assert.equal((await fetch(`${opsUrl}/readyz`)).status, 503);
    assert.equal((await fetch(`${opsUrl}/readyz?exclude=roundTrip`)).status, 200);
    assert.equal((await fetch(`${opsUrl}/livez`)).status, 200);

    await stage.cluster.workers[0]?.restart();
    await until(async () => (await fetch(`${opsUrl}/readyz`)).status === 200);
    const again = await stage.plug(t, id, { gateway: 0 });
    // As a charger does: the new worker may be slow with the first ones.
    const answered = await until(async () => {
      const repeated = await again.call('StartTransaction', start);
      return repeated.type === 'result' && repeated.payload;
    });
    const transactions = await stage.transactions(id);
    assert.deepEqual(
      transactions.map((transaction) => transaction.id),
      [answered.transactionId],
    );
    await until(async () => {
      const { items } = await stage.get<{ items: { status: string }[] }>(`/api/v1/charge-points/${id}/connectors`);
      return items.some((connector) => connector.status === 'Preparing');
    });
  });
});
