import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { hashPassword } from '@voltgate/shared/credential.ts';
import { upsertChargePoint } from '@voltgate/shared/store/administration.ts';
import { startChild } from '../support/child.ts';
import { projectFolder } from '../support/project.ts';
import { openStage, type Stage } from './stage.ts';

/** What the pod of `helm test` runs. */
const BOOT = join(projectFolder, 'helm/files/boot.mjs');

describe('the charge point of helm test', () => {
  let stage: Stage;
  before(async () => {
    stage = await openStage('cluster', { UNKNOWN_CHARGE_POINTS: 'refuse', ALLOW_PROFILE_0: 'false' });
  });
  after(() => stage?.close());

  async function boot(id: string, password: string) {
    const target = stage.cluster.ocppUrls[0]?.replace(/^ws/, 'http').replace(/\/$/, '');
    const env = { ...process.env, TARGET: target, CHARGE_POINT: id, PASSWORD: password };
    const child = await startChild('boot', process.execPath, [BOOT], { env });
    const { code } = await child.ended;
    return { code, said: child.output().join('\n') };
  }

  test('boots with its password and reports the answer', async () => {
    const id = `${stage.newId()} ü`;
    await upsertChargePoint(stage.store.db, { chargePointId: id, credential: await hashPassword('secret') });
    const { code, said } = await boot(id, 'secret');
    assert.equal(code, 0, said);
    assert.match(said, /BootNotification answered: .*"status":"Accepted"/);
  });

  test('fails with a wrong password and when nobody registered it, and says what to do', async () => {
    const id = stage.newId();
    const unknown = await boot(id, 'secret');
    assert.equal(unknown.code, 1);
    assert.match(unknown.said, /refused with 404: register/);
    const other = stage.newId();
    await upsertChargePoint(stage.store.db, { chargePointId: other, credential: await hashPassword('secret') });
    const wrong = await boot(other, 'guess');
    assert.equal(wrong.code, 1);
    assert.match(wrong.said, /refused with 401/);
  });
});
