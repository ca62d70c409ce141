import assert from 'node:assert/strict';
import { entries, startProgram } from '../../support/programs.ts';
import { until } from '../../support/until.ts';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

story('every process says it lives, is ready, and shows its metrics', async (_t, stage) => {
  const urls = [...stage.cluster.gateways, ...stage.cluster.workers].map(({ opsUrl }) => opsUrl);
  for (const url of urls) {
    assert.equal((await fetch(`${url}/livez`)).status, 200);
    await until(async () => {
      const ready = await fetch(`${url}/readyz`);
      return ready.ok || assert.fail(await ready.text());
    });
    assert.match(await (await fetch(`${url}/metrics`)).text(), /voltgate_/);
  }
});

story('a probe may leave checks out of readiness, of those that there are', async (_t, stage) => {
  const url = stage.cluster.gateways[0]?.opsUrl;
  const left = await fetch(`${url}/readyz?exclude=serving&exclude=roundTrip`);
  const checks = stage.mode === 'cluster' ? { redis: 'ok' } : {};
  assert.deepEqual([left.status, await left.json()], [200, { status: 'ok', checks }]);
  const unknown = await fetch(`${url}/readyz?exclude=weather`);
  assert.equal(unknown.status, 400);
  assert.match(await unknown.text(), /exclude: no check is named weather, there are serving, /);
});

story('the API port, which is published, shows neither probes nor metrics', async (_t, stage) => {
  for (const path of ['/livez', '/readyz', '/metrics'])
    assert.equal((await fetch(`${stage.cluster.gateways[0]?.apiUrl}${path}`)).status, 404);
});

story('a second program on a taken OPS_PORT does not start and names the setting', async (_t, stage) => {
  const [{ opsUrl, apiUrl } = { opsUrl: '', apiUrl: '' }] = stage.cluster.gateways;
  const taken = { OPS_PORT: new URL(opsUrl).port, API_PORT: new URL(apiUrl).port };
  for (const [setting, port] of Object.entries(taken)) {
    const ports = { HOST: '127.0.0.1', OCPP_PORT: '0', API_PORT: '0', OPS_PORT: '0', [setting]: port };
    const env = { ...ports, DATABASE_URL: stage.databaseUrl, REDIS_URL: stage.redisUrl ?? '' };
    const second = startProgram('second', { entry: entries[stage.redisUrl ? 'gateway' : 'standalone'], env });
    await assert.rejects(second, (error: Error) =>
      error.message.includes(`${setting}: port ${port} on 127.0.0.1 is taken`),
    );
  }
});
