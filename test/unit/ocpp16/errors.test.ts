import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '@voltgate/shared/ocpp16/errors.ts';
import { incomingActions } from '@voltgate/shared/ocpp16/incoming/index.ts';
import { outgoingActions } from '@voltgate/shared/ocpp16/outgoing/index.ts';
import { violationError } from '@voltgate/shared/ocpp16/validate.ts';

const start = { connectorId: 1, idTag: 'A', meterStart: 0, timestamp: '2026-01-31T12:00:00Z' };
const status = { connectorId: 1, errorCode: 'NoError', status: 'Available' };
const meter = (sample: unknown) => ({
  connectorId: 1,
  meterValue: [{ timestamp: '2026-01-31T12:00:00Z', sampledValue: [sample] }],
});

type Fault = { readonly what: string; readonly action: string; readonly payload: unknown; readonly field: string };

const faults: Readonly<Partial<Record<ErrorCode, readonly Fault[]>>> = {
  OccurenceConstraintViolation: [
    { what: 'a missing field', action: 'Authorize', payload: {}, field: 'idTag' },
    { what: 'an empty list', action: 'MeterValues', payload: { connectorId: 1, meterValue: [] }, field: 'meterValue' },
    {
      what: 'a missing nested field',
      action: 'MeterValues',
      payload: meter({}),
      field: 'meterValue.0.sampledValue.0.value',
    },
  ],
  TypeConstraintViolation: [
    { what: 'a number for a text', action: 'Authorize', payload: { idTag: 1 }, field: 'idTag' },
    { what: 'a null', action: 'Authorize', payload: { idTag: null }, field: 'idTag' },
    { what: 'a text that is too long', action: 'Authorize', payload: { idTag: 'x'.repeat(21) }, field: 'idTag' },
    { what: 'a fraction', action: 'StartTransaction', payload: { ...start, meterStart: 1.5 }, field: 'meterStart' },
    {
      what: 'a big integer',
      action: 'StartTransaction',
      payload: { ...start, meterStart: 2n ** 60n },
      field: 'meterStart',
    },
    { what: 'no timestamp', action: 'StartTransaction', payload: { ...start, timestamp: 'noon' }, field: 'timestamp' },
    { what: 'a number for a word', action: 'StatusNotification', payload: { ...status, status: 1 }, field: 'status' },
    {
      what: 'a text for a transaction id',
      action: 'MeterValues',
      payload: { ...meter({ value: '1' }), transactionId: '7' },
      field: 'transactionId',
    },
    { what: 'a list for a payload', action: 'Heartbeat', payload: [], field: 'payload' },
  ],
  PropertyConstraintViolation: [
    {
      what: 'a word outside the enumeration',
      action: 'StatusNotification',
      payload: { ...status, status: 'Busy' },
      field: 'status',
    },
    {
      what: 'an unknown unit',
      action: 'MeterValues',
      payload: meter({ value: '1', unit: 'MWh' }),
      field: 'meterValue.0.sampledValue.0.unit',
    },
  ],
  FormationViolation: [
    { what: 'an unknown field', action: 'Heartbeat', payload: { extra: 1 }, field: 'extra' },
    { what: 'an unknown field that is null', action: 'Heartbeat', payload: { extra: null }, field: 'extra' },
    { what: 'an unknown field with a slash', action: 'Heartbeat', payload: { 'a/b~': 1 }, field: 'a/b~' },
  ],
};

for (const [code, cases] of Object.entries(faults)) {
  for (const { what, action, payload, field } of cases) {
    test(`${what} in ${action} is a ${code} that names the field`, () => {
      const [violation] = incomingActions.get(action)?.validate(payload) ?? [];
      assert.ok(violation);
      const error = violationError(violation);
      assert.equal(error.code, code);
      assert.ok(error.message.startsWith(`${field}: `), error.message);
      assert.deepEqual(error.details, { field });
    });
  }
}

test('a valid payload has no violations', () => {
  assert.equal(incomingActions.get('StartTransaction')?.validate(start), undefined);
  assert.equal(
    incomingActions.get('MeterValues')?.validate({ ...meter({ value: '' }), transactionId: 2n ** 60n }),
    undefined,
  );
});

test('a limit with two decimals is a PropertyConstraintViolation, one with one decimal is none', () => {
  const schedule = (limit: number) => ({
    connectorId: 1,
    csChargingProfiles: {
      chargingProfileId: 1,
      stackLevel: 0,
      chargingProfilePurpose: 'TxDefaultProfile',
      chargingProfileKind: 'Relative',
      chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit }] },
    },
  });
  const validate = outgoingActions.get('SetChargingProfile')?.validateRequest;
  for (const limit of [0.3, 16.1, 32, 1234567.7]) assert.equal(validate?.(schedule(limit)), undefined);
  const [violation] = validate?.(schedule(16.15)) ?? [];
  assert.ok(violation);
  assert.equal(violationError(violation).code, 'PropertyConstraintViolation');
});

test('every violation is reported, one per field', () => {
  const violations = incomingActions.get('StatusNotification')?.validate({ status: 'Busy', errorCode: 7, extra: 1 });
  assert.deepEqual(violations?.map(({ path, fault }) => `${path} ${fault}`).toSorted(), [
    '/connectorId missing',
    '/errorCode type',
    '/extra extra',
    '/status value',
  ]);
});
