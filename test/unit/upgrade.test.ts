import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAdmission } from '@voltgate/gateway/admission.ts';
import type { Authentication } from '@voltgate/gateway/authenticate.ts';
import type { Connections } from '@voltgate/gateway/connections.ts';
import { createUpgrade } from '@voltgate/gateway/upgrade.ts';
import { createLog } from '@voltgate/shared/log.ts';
import { createMetrics } from '@voltgate/shared/metrics.ts';
import { knownChargePoint } from '../support/known-charge-point.ts';

const request = {
  path: '/ocpp/CP-1',
  authorization: '',
  subprotocols: 'ocpp1.6',
  forwardedFor: '',
  forwardedProto: '',
  clientCertificate: '',
  remoteAddress: '127.0.0.1',
};

test('a handshake that had begun before the drain is refused when its verdict comes', async () => {
  const admission = createAdmission({ upgradesPerSecond: 10, maxAuthentications: 10, failedLoginsPerMinute: 0 });
  const { promise: verdict, resolve: accept } = Promise.withResolvers<Authentication>();
  const upgrade = createUpgrade({
    admission,
    authenticate: () => verdict,
    connections: {} as Connections,
    onUnknown: () => undefined,
    log: createLog('silent', {}),
    metrics: createMetrics(),
    trustedProxies: '',
  });
  const outcome = upgrade(request);
  admission.drain();
  accept({ outcome: 'accepted', chargePoint: knownChargePoint('CP-1'), subprotocol: 'ocpp1.6' });
  const refused = await outcome;
  assert.equal('refuse' in refused && refused.refuse, 503);
  assert.ok('headers' in refused && Number(refused.headers?.['Retry-After']) > 0);
});
