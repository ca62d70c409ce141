import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AskWorker } from '@voltgate/gateway/asks.ts';
import { createAuthenticate } from '@voltgate/gateway/authenticate.ts';
import { createIdentities } from '@voltgate/gateway/identities.ts';
import { hashPassword } from '@voltgate/shared/credential.ts';
import { createLog } from '@voltgate/shared/log.ts';
import type { KnownChargePoint } from '@voltgate/shared/ports.ts';
import { knownChargePoint } from '../support/known-charge-point.ts';

const charger = knownChargePoint('CP');

/** Identities over a worker that knows what `known` says at the moment it is asked. */
function identitiesOf(known: () => KnownChargePoint | null | Promise<KnownChargePoint | null>) {
  let asked = 0;
  const ask = (async () => {
    asked += 1;
    return { known: await known() };
  }) as unknown as AskWorker;
  return { ...createIdentities({ ask, adopt: false, ttlMs: 600_000 }), asked: () => asked };
}

test('the security profile of a charge point decides whether it needs its credential', async () => {
  const credential = await hashPassword('right');
  const right = `Basic ${Buffer.from('CP:right').toString('base64')}`;
  const outcomeOf = async (
    known: Partial<KnownChargePoint>,
    allowProfile0: boolean,
    authorization: string,
    proxied: { readonly forwardedProto?: string; readonly clientCertificate?: string } = {},
  ) => {
    const identities = identitiesOf(() => ({ ...charger, ...known }));
    const log = createLog('silent', {});
    const options = { identities, allowProfile0, basicAuthUser: 'any', missingSubprotocol: 'assume', log } as const;
    const request = {
      path: '/ocpp/CP',
      authorization,
      subprotocols: 'ocpp1.6',
      forwardedFor: '',
      forwardedProto: '',
      clientCertificate: '',
      remoteAddress: '',
      ...proxied,
    };
    return (await createAuthenticate(options)(request)).outcome;
  };
  for (const [securityProfile, stored, allowProfile0, sent, outcome] of [
    [null, null, true, '', 'accepted'],
    [null, null, false, '', 'wrong-credentials'],
    [null, credential, true, '', 'wrong-credentials'],
    [null, credential, true, right, 'accepted'],
    [0, null, false, '', 'accepted'],
    [0, credential, false, '', 'accepted'],
    [1, null, true, '', 'wrong-credentials'],
    [1, null, true, right, 'wrong-credentials'],
    [1, credential, true, '', 'wrong-credentials'],
    [1, credential, false, right, 'accepted'],
  ] as const) {
    const known = { securityProfile, credential: stored };
    assert.equal(await outcomeOf(known, allowProfile0, sent), outcome, JSON.stringify([known, allowProfile0, sent]));
  }
  for (const [securityProfile, sent, proxied, outcome] of [
    [2, right, {}, 'wrong-credentials'],
    [2, right, { forwardedProto: 'https, http' }, 'wrong-credentials'],
    [2, right, { forwardedProto: 'http,HTTPS' }, 'accepted'],
    [2, '', { forwardedProto: 'wss' }, 'wrong-credentials'],
    [2, '', { forwardedProto: 'wss', clientCertificate: 'CP' }, 'wrong-credentials'],
    [3, right, {}, 'wrong-credentials'],
    [3, right, { forwardedProto: 'https' }, 'wrong-credentials'],
    [3, '', { clientCertificate: 'CP' }, 'accepted'],
    [3, '', { clientCertificate: 'O=Site,CN=CP' }, 'accepted'],
    [3, right, { clientCertificate: 'CN=CP2' }, 'wrong-credentials'],
    [3, '', { clientCertificate: 'cp' }, 'wrong-credentials'],
    [1, right, { clientCertificate: 'CP' }, 'accepted'],
    [1, right, { clientCertificate: 'CP2' }, 'wrong-credentials'],
    [0, '', { clientCertificate: 'CP2' }, 'wrong-credentials'],
  ] as const) {
    const known = { securityProfile, credential };
    const shown = JSON.stringify([securityProfile, sent, proxied]);
    assert.equal(await outcomeOf(known, false, sent, proxied), outcome, shown);
  }
});

test('a charge point that is forgotten is asked for again', async () => {
  let known: KnownChargePoint | null = charger;
  const identities = identitiesOf(() => known);
  assert.equal(await identities.find('CP'), charger);
  known = null;
  assert.equal(await identities.find('CP'), charger);
  identities.forget('CP');
  assert.equal(await identities.find('CP'), null);
  assert.equal(identities.asked(), 2);
});

test('an answer that was under way when its charge point changed is not remembered', async () => {
  const early = Promise.withResolvers<KnownChargePoint | null>();
  const answers = [early.promise, Promise.resolve(null)];
  const identities = identitiesOf(() => answers.shift() ?? null);
  const before = identities.find('CP');
  identities.forget('CP');
  const after = identities.find('CP');
  early.resolve(charger);
  assert.equal(await before, charger);
  assert.equal(await after, null);
});

test('a stored credential that cannot be verified keeps one charger out and ends nothing', async () => {
  // No power of two: the parameters of scrypt are refused.
  const identities = identitiesOf(() => ({ ...charger, credential: 'text$3$8$1$c2FsdA==$aGFzaA==' }));
  const log = createLog('silent', {});
  const authenticate = createAuthenticate({
    identities,
    allowProfile0: false,
    basicAuthUser: 'any',
    missingSubprotocol: 'assume',
    log,
  });
  const request = {
    path: '/ocpp/CP',
    authorization: `Basic ${Buffer.from('CP:right').toString('base64')}`,
    subprotocols: 'ocpp1.6',
    forwardedFor: '',
    forwardedProto: '',
    clientCertificate: '',
    remoteAddress: '',
  };
  assert.equal((await authenticate(request)).outcome, 'unavailable');
});
