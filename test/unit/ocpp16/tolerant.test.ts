import assert from 'node:assert/strict';
import { test } from 'node:test';
import { incomingActions } from '@voltgate/shared/ocpp16/incoming/index.ts';
import { deviationKinds, firstIntolerable, tolerable } from '@voltgate/shared/ocpp16/tolerant.ts';
import type { Violation } from '@voltgate/shared/ocpp16/validate.ts';

const violationsOf = (action: string, payload: unknown): readonly Violation[] =>
  incomingActions.get(action)?.validate(payload) ?? [];
const kindsOf = (action: string, payload: unknown) => deviationKinds(violationsOf(action, payload), payload);

const boot = { chargePointVendor: 'V', chargePointModel: 'M' };
const stop = { meterStop: 1, timestamp: '2026-01-31T12:00:00Z', transactionId: 1 };
const meter = (...sampledValue: unknown[]) => ({
  connectorId: 1,
  meterValue: [{ timestamp: '2026-01-31T12:00:00Z', sampledValue }],
});

test('over-long texts, unknown words, unknown stop reasons and extra fields are tolerable', () => {
  assert.deepEqual(kindsOf('BootNotification', { ...boot, chargePointSerialNumber: 'x'.repeat(40) }), ['over-long']);
  assert.deepEqual(kindsOf('BootNotification', { ...boot, extra: { a: null } }), ['extra-field']);
  assert.deepEqual(kindsOf('StopTransaction', { ...stop, reason: 'Bored' }), ['unknown-word']);
  for (const word of ['measurand', 'unit', 'context', 'location', 'phase']) {
    assert.deepEqual(kindsOf('MeterValues', meter({ value: '1', [word]: 'New' })), ['unknown-word'], word);
  }
  const { meterValue } = meter({ value: '1', measurand: 'New' });
  assert.deepEqual(kindsOf('StopTransaction', { ...stop, transactionData: meterValue }), ['unknown-word']);
});

test('a payload without a deviation has no kinds, and each kind is named once', () => {
  assert.deepEqual(kindsOf('BootNotification', boot), []);
  const many = meter({ value: '1', unit: 'New', phase: 'New', a: 1 }, { value: '1', unit: 'New', b: 1 });
  assert.deepEqual(kindsOf('MeterValues', many)?.toSorted(), ['extra-field', 'unknown-word']);
});

test('a zone-less timestamp is named where the payload is given, at any depth', () => {
  const zoneless = { timestamp: '2026-01-31T12:00:00', sampledValue: [{ value: '1' }] };
  assert.deepEqual(kindsOf('StopTransaction', { ...stop, timestamp: '2026-01-31T12:00:00' }), ['zoneless-timestamp']);
  assert.deepEqual(kindsOf('StopTransaction', { ...stop, transactionData: [zoneless] }), ['zoneless-timestamp']);
  assert.deepEqual(kindsOf('MeterValues', { connectorId: 1, meterValue: [zoneless] }), ['zoneless-timestamp']);
  assert.deepEqual(kindsOf('StopTransaction', stop), []);
});

test('everything else is refused for a tolerant charge point too', () => {
  const refused: readonly (readonly [string, unknown])[] = [
    ['BootNotification', { chargePointVendor: 'V' }],
    ['BootNotification', { ...boot, iccid: null }],
    ['BootNotification', { ...boot, iccid: 7 }],
    ['StopTransaction', { ...stop, timestamp: 'noon' }],
    ['StopTransaction', { ...stop, reason: 7 }],
    ['StopTransaction', { ...stop, meterStop: 1.5 }],
    ['StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Busy' }],
    ['StatusNotification', { connectorId: 1, errorCode: 'Unheard', status: 'Faulted' }],
    ['MeterValues', meter({ value: '1', format: 'New' })],
    ['MeterValues', { connectorId: 1, meterValue: [] }],
    ['Heartbeat', []],
  ];
  for (const [action, payload] of refused) {
    assert.equal(tolerable(violationsOf(action, payload)), false, JSON.stringify(payload));
  }
});

test('an intolerable violation cannot hide behind any number of tolerable ones', () => {
  const word = { value: '1', unit: 'New' };
  for (const count of [20, 100, 5000]) {
    const violations = violationsOf('MeterValues', meter(...Array(count).fill(word), { value: 1 }));
    assert.equal(tolerable(violations), false, `${count}`);
    assert.ok(firstIntolerable(violations));
  }
  assert.equal(tolerable(violationsOf('MeterValues', meter(...Array(900).fill(word)))), true);
});

test('the violation to name is the first that is not tolerable', () => {
  const violations = violationsOf('BootNotification', { ...boot, extra: 1, iccid: 7 });
  assert.equal(violations[0]?.path, '/extra');
  assert.equal(firstIntolerable(violations)?.path, '/iccid');
});
