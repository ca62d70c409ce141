import assert from 'node:assert/strict';
import { until } from '../../support/until.ts';
import { Refused } from '../plug.ts';
import { openStage, type Stage } from '../stage.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

/** What operators change must not have to wait for anything remembered to end. */
const strict = {
  UNKNOWN_CHARGE_POINTS: 'refuse',
  ALLOW_PROFILE_0: 'false',
  IDENTITY_CACHE_MS: '600000',
  FAILED_LOGINS_PER_MINUTE: '1000',
};

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

async function ask(stage: Stage, method: string, path: string, body?: object) {
  const response = await fetch(`${stage.cluster.gateways[0]?.apiUrl}/api/v1${path}`, {
    method,
    headers: { 'x-api-key': stage.cluster.apiKey, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

story(
  'a charge point registered over the API connects to every gateway within a second, and to none once it is removed',
  async (t, main) => {
    const stage = await openStage(main.mode, strict);
    t.after(() => stage.close());
    const id = stage.newId();
    const gateways = stage.cluster.gateways.map((_, index) => index);
    const refused = async (gateway: number, headers: Record<string, string>) =>
      await stage.plug(t, id, { gateway, headers }).then(
        () => undefined,
        (error: unknown) => (error instanceof Refused ? error.status : undefined),
      );
    for (const gateway of gateways) assert.equal(await refused(gateway, basic(id, 'x')), 404);

    const made = await ask(stage, 'POST', '/charge-points', {
      chargePointId: id,
      generatePassword: true,
      securityProfile: 1,
    });
    assert.equal(made.status, 201);
    const headers = basic(id, String(made.body.password));
    for (const gateway of gateways) {
      const plug = await until(() => stage.plug(t, id, { gateway, headers }), { what: 'let in' });
      await plug.ask('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
      assert.equal(await refused(gateway, basic(id, 'wrong')), 401);
    }

    const plug = await stage.plug(t, id, { gateway: 0, headers });
    assert.equal((await ask(stage, 'PATCH', `/charge-points/${id}`, { password: 'another' })).status, 200);
    for (const gateway of gateways)
      await until(async () => (await refused(gateway, headers)) === 401, { what: 'old password' });
    assert.ok((await plug.ask('Heartbeat', {})).currentTime, 'whoever is connected stays');

    assert.equal((await ask(stage, 'DELETE', `/charge-points/${id}`)).status, 204);
    assert.equal((await plug.closed).code, 1008);
    for (const gateway of gateways)
      await until(async () => (await refused(gateway, basic(id, 'another'))) === 404, { what: 'unknown' });
  },
);
