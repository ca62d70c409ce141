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

test('settings that contradict each other are named together, with every other fault', () => {
  const environment = {
    ...urls,
    LEASE_TTL_MS: '1000',
    LEASE_RENEW_MS: '400',
    SHUTDOWN_TIMEOUT_MS: '3000',
    REDIS_TIMEOUT_MS: '3000',
    DRAIN_CLOSE_CODE: '1006',
    OTEL_TRACES_SAMPLER_ARG: '10%',
    CLIENT_CERTIFICATE_HEADER: 'X Name',
    REDIS_CLUSTER: 'true',
    REDIS_SENTINELS: 'a:26379, redis://b:x',
    OCPP_PORT: 'x',
  };
  assert.throws(() => readConfig('gateway', environment), {
    name: 'ConfigError',
    message: [
      "gateway: OCPP_PORT must be a whole number from 0 to 65535, not 'x'",
      'LEASE_TTL_MS (1000) must be at least 3 x LEASE_RENEW_MS (400)',
      'SHUTDOWN_TIMEOUT_MS (3000) must be more than REDIS_TIMEOUT_MS (3000)',
      "DRAIN_CLOSE_CODE must be 1001 or 1012, not '1006'",
      "OTEL_TRACES_SAMPLER_ARG must be from 0 to 1, not '10%'",
      'REDIS_SENTINELS and REDIS_CLUSTER=true exclude each other',
      "REDIS_SENTINELS must be host:port with commas, not 'a:26379, redis://b:x'",
      'CLIENT_CERTIFICATE_HEADER needs TRUSTED_PROXIES: of nobody else is it believed',
      "CLIENT_CERTIFICATE_HEADER must be the name of a header, not 'X Name'",
    ].join('; '),
  });
});

test('a setting that is wrong by itself contradicts nothing', () => {
  assert.throws(() => readConfig('gateway', { ...urls, LEASE_TTL_MS: 'x' }), {
    message: "gateway: LEASE_TTL_MS must be a whole number from 500 to 300000, not 'x'",
  });
  const config = readConfig('gateway', { ...urls, LEASE_TTL_MS: '1200', LEASE_RENEW_MS: '400' });
  assert.equal(config.leaseTtlMs, 1_200);
});
