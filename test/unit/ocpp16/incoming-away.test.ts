import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { WhenAway } from '@voltgate/shared/ocpp16/define.ts';
import { incomingActions } from '@voltgate/shared/ocpp16/incoming/index.ts';

describe('without workers', () => {
  const now = new Date('2026-01-31T12:00:00.000Z');
  const away = (
    registrationStatus: 'Accepted' | 'Pending' | 'Rejected',
    authorizeWhenAway: 'Accepted' | 'Invalid',
  ): WhenAway => ({
    chargePoint: {
      chargePointId: 'CP1',
      registrationStatus,
      credential: null,
      securityProfile: null,
      tolerant: false,
      vendor: null,
      model: null,
    },
    now,
    retryIntervalSeconds: 67,
    heartbeatIntervalSeconds: 300,
    authorizeWhenAway,
  });
  const answerOf = (action: string, situation: WhenAway) => {
    const definition = incomingActions.get(action);
    return definition?.way === 'ask' ? definition.whenAway?.(situation) : undefined;
  };

  test('Heartbeat is answered by the gateway itself', () => {
    const definition = incomingActions.get('Heartbeat');
    assert.ok(definition?.way === 'answered');
    assert.deepEqual(definition.answer(now), { currentTime: '2026-01-31T12:00:00.000Z' });
  });

  test('each asked action has the answer of its policy, transactions none', () => {
    assert.deepEqual(answerOf('Authorize', away('Accepted', 'Invalid')), { idTagInfo: { status: 'Invalid' } });
    assert.deepEqual(answerOf('Authorize', away('Accepted', 'Accepted')), { idTagInfo: { status: 'Accepted' } });
    const currentTime = '2026-01-31T12:00:00.000Z';
    assert.deepEqual(answerOf('BootNotification', away('Accepted', 'Invalid')), {
      status: 'Accepted',
      currentTime,
      interval: 300,
    });
    assert.deepEqual(answerOf('BootNotification', away('Pending', 'Invalid')), {
      status: 'Pending',
      currentTime,
      interval: 67,
    });
    for (const action of ['DataTransfer', 'SignCertificate']) {
      assert.deepEqual(answerOf(action, away('Accepted', 'Invalid')), { status: 'Rejected' });
    }
    for (const action of ['StartTransaction', 'StopTransaction']) {
      assert.equal(answerOf(action, away('Accepted', 'Invalid')), undefined);
    }
  });
});
