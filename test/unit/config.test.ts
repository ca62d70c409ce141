import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, readConfig, settings } from '@voltgate/shared/config.ts';

const urls = { DATABASE_URL: 'postgres://localhost/voltgate', REDIS_URL: 'redis://localhost' };

test('a gateway starts with two URLs and sane defaults', () => {
  const config = readConfig('gateway', urls);
  assert.equal(config.ocppPort, 9220);
  assert.equal(config.unknownChargePoints, 'refuse');
  assert.equal(config.allowProfile0, false);
  assert.ok(Object.isFrozen(config));
});

test('every wrong setting is named at once, in one line, and no secret is shown', () => {
  const environment = {
    DATABASE_URL: 'mysql://root:hunter2@x',
    OCPP_PORT: '70000',
    UNKNOWN_CHARGE_POINTS: 'maybe',
    ALLOW_PROFILE_0: 'yes',
  };
  assert.throws(
    () => readConfig('gateway', environment),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      for (const name of ['DATABASE_URL', 'REDIS_URL', 'OCPP_PORT', 'UNKNOWN_CHARGE_POINTS', 'ALLOW_PROFILE_0'])
        assert.ok(error.message.includes(name), name);
      assert.ok(!error.message.includes('hunter2'));
      assert.ok(!error.message.includes('\n'));
      return true;
    },
  );
});

test('a program is not asked for what it does not use', () => {
  assert.equal(readConfig('standalone', { DATABASE_URL: urls.DATABASE_URL }).redisUrl, '');
  assert.equal(readConfig('migrate', { DATABASE_URL: urls.DATABASE_URL, OCPP_PORT: 'x' }).ocppPort, 9220);
});

test('every setting has a description and a name of its own', () => {
  const names = Object.values(settings).map(({ env }) => env);
  assert.equal(new Set(names).size, names.length);
  for (const setting of Object.values(settings)) assert.match(setting.description, /\.$/);
});
