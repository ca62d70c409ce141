import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Occupied, occupiedAfter } from '@voltgate/gateway/occupied.ts';

function after(...calls: readonly (readonly [action: string, payload: unknown])[]): number[] {
  let occupied: Occupied;
  for (const [action, payload] of calls)
    occupied = occupiedAfter(occupied, { type: 'call', messageId: '1', action, payload });
  return [...(occupied ?? [])].toSorted();
}

test('a start, a meter value of a transaction or a status of a car occupies the connector', () => {
  assert.deepEqual(after(['StartTransaction', { connectorId: 1 }], ['Heartbeat', {}]), [1]);
  assert.deepEqual(after(['MeterValues', { connectorId: 2, transactionId: 7 }]), [2]);
  assert.deepEqual(after(['StatusNotification', { connectorId: 3, status: 'SuspendedEV' }]), [3]);
  assert.deepEqual(
    after(['StartTransaction', { connectorId: 1 }], ['MeterValues', { connectorId: 2, transactionId: 7 }]),
    [1, 2],
  );
});

test('a stop, a boot or a free connector ends it', () => {
  const start = ['StartTransaction', { connectorId: 1 }] as const;
  assert.deepEqual(after(start, ['StopTransaction', { transactionId: 7 }]), []);
  assert.deepEqual(after(start, ['BootNotification', {}]), []);
  assert.deepEqual(after(start, ['StatusNotification', { connectorId: 1, status: 'Available' }]), []);
  assert.deepEqual(after(start, ['StatusNotification', { connectorId: 2, status: 'Available' }]), [1]);
});

test('the main meter, and payloads that make no sense, occupy nothing', () => {
  assert.deepEqual(
    after(['MeterValues', { connectorId: 0 }], ['MeterValues', { connectorId: 1, transactionId: 0 }]),
    [],
  );
  assert.deepEqual(after(['StartTransaction', null], ['StatusNotification', 'x'], ['MeterValues', [1]]), []);
});
