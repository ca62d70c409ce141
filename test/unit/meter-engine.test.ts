import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isPlausibleClock, newestRegister, normaliseSamples } from '@voltgate/shared/ocpp16/meter-engine.ts';
import type { SampledValue } from '@voltgate/shared/ocpp16/types.ts';
import fc from 'fast-check';

const NOON = '2026-01-31T12:00:00Z';
const LATER = '2026-01-31T12:01:00Z';
const samplesOf = (timestamp: string, ...sampledValue: SampledValue[]) =>
  normaliseSamples([{ timestamp, sampledValue }]);
const numberOf = (sampled: SampledValue) => samplesOf(NOON, sampled)[0]?.value;
const registerOf = (...sampledValue: SampledValue[]) => newestRegister(samplesOf(NOON, ...sampledValue))?.registerWh;

describe('normaliseSamples', () => {
  test('fills in every default and keeps what was sent', () => {
    assert.deepEqual(samplesOf(NOON, { value: ' 12.5 ' }), [
      {
        sampledAt: new Date(NOON),
        measurand: 'Energy.Active.Import.Register',
        phase: '',
        location: 'Outlet',
        context: 'Sample.Periodic',
        unit: 'Wh',
        value: 12.5,
        rawValue: ' 12.5 ',
        rawUnit: '',
      },
    ]);
  });

  test('brings units to their base units', () => {
    const cases: readonly (readonly [SampledValue, string, number])[] = [
      [{ value: '12.345', unit: 'kWh' }, 'Wh', 12345],
      [{ value: '1.005', unit: 'kWh' }, 'Wh', 1005],
      [{ value: '4.35', unit: 'kWh' }, 'Wh', 4350],
      [{ value: '1.1', unit: 'kvarh', measurand: 'Energy.Reactive.Import.Register' }, 'varh', 1100],
      [{ value: '11.04', unit: 'kW', measurand: 'Power.Active.Import' }, 'W', 11040],
      [{ value: '1.1', unit: 'kvar', measurand: 'Power.Reactive.Import' }, 'var', 1100],
      [{ value: '1.1', unit: 'kVA', measurand: 'Power.Offered' }, 'VA', 1100],
      [{ value: '25', unit: 'Celcius', measurand: 'Temperature' }, 'Celsius', 25],
      [{ value: '77', unit: 'Fahrenheit', measurand: 'Temperature' }, 'Fahrenheit', 77],
    ];
    for (const [sampled, unit, value] of cases) {
      const [sample] = samplesOf(NOON, sampled);
      assert.deepEqual([sample?.unit, sample?.value, sample?.rawUnit], [unit, value, sampled.unit]);
    }
  });

  test('a measurand without a unit is in what it is measured in', () => {
    const units = (measurand: SampledValue['measurand']) => samplesOf(NOON, { value: '1', measurand })[0]?.unit;
    assert.equal(units('Energy.Active.Export.Interval'), 'Wh');
    assert.equal(units('Power.Active.Import'), 'W');
    assert.equal(units('Power.Reactive.Import'), 'var');
    assert.equal(units('Power.Factor'), '');
    assert.equal(units('Current.Import'), 'A');
    assert.equal(units('Voltage'), 'V');
    assert.equal(units('Frequency'), 'Hertz');
    assert.equal(units('SoC'), 'Percent');
    assert.equal(units('RPM'), '');
  });

  test('reads a dot, a comma, a sign and an exponent', () => {
    assert.equal(numberOf({ value: '12,5' }), 12.5);
    assert.equal(numberOf({ value: '12,345', unit: 'kWh' }), 12345);
    assert.equal(numberOf({ value: '-3.5' }), -3.5);
    assert.equal(numberOf({ value: '+.5' }), 0.5);
    assert.equal(numberOf({ value: '5.' }), 5);
    assert.equal(numberOf({ value: '1.2E3', unit: 'kWh' }), 1_200_000);
    assert.ok(Object.is(numberOf({ value: '-0' }), 0));
  });

  test('what is no number is null, and its text is kept', () => {
    for (const value of ['', ' ', 'NaN', 'Infinity', '1e999', '1.234,5', '0x10', '12 Wh', 'abc', '.', '-']) {
      const [sample] = samplesOf(NOON, { value });
      assert.deepEqual([sample?.value, sample?.rawValue], [null, value]);
    }
    assert.equal(numberOf({ value: '12', format: 'SignedData' }), null);
  });

  test('kWh and Wh of one reading give one value', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 0, max: 3 }), (wh, decimals) => {
        const milli = wh * 10 ** (3 - decimals);
        const kilo = `${Math.trunc(milli / 1000)}.${String(milli % 1000).padStart(3, '0')}`;
        assert.equal(numberOf({ value: kilo, unit: 'kWh' }), milli);
        assert.equal(numberOf({ value: String(milli), unit: 'Wh' }), milli);
      }),
    );
  });
});

describe('newestRegister', () => {
  test('is null without a readable import register in Wh', () => {
    assert.equal(newestRegister([]), null);
    assert.equal(registerOf({ value: '' }, { value: '1', measurand: 'Voltage' }), undefined);
    assert.equal(registerOf({ value: '1', unit: 'kW' }), undefined);
    assert.equal(registerOf({ value: '1', measurand: 'Energy.Active.Export.Register' }), undefined);
  });

  test('is the newest, in whatever order they came', () => {
    const samples = [...samplesOf(LATER, { value: '200' }), ...samplesOf(NOON, { value: '100' })];
    const expected = { sampledAt: new Date(LATER), registerWh: 200 };
    assert.deepEqual(newestRegister(samples), expected);
    assert.deepEqual(newestRegister(samples.toReversed()), expected);
  });

  test('of one time, the beginning of the transaction loses and its end wins', () => {
    const begin: SampledValue = { value: '0', context: 'Transaction.Begin' };
    const end: SampledValue = { value: '300', context: 'Transaction.End' };
    assert.equal(registerOf(begin, { value: '100' }), 100);
    assert.equal(registerOf({ value: '100' }, begin), 100);
    assert.equal(registerOf(end, { value: '100' }, begin), 300);
    assert.equal(registerOf(begin), 0);
  });

  test('the outlet goes before the inlet', () => {
    assert.equal(registerOf({ value: '900', location: 'Inlet' }, { value: '100' }), 100);
    assert.equal(registerOf({ value: '900', location: 'Inlet' }), 900);
  });

  test('a total goes before its phases', () => {
    assert.equal(registerOf({ value: '10', phase: 'L1' }, { value: '31' }, { value: '20', phase: 'L2' }), 31);
  });

  test('phases are summed only when all are there as numbers of one kind', () => {
    const phase = (name: SampledValue['phase'], value: string): SampledValue => ({ value, phase: name });
    assert.equal(registerOf(phase('L1', '1'), phase('L2', '2'), phase('L3', '3')), 6);
    assert.equal(registerOf(phase('L1-N', '1'), phase('L2-N', '2'), phase('L3-N', '3')), 6);
    assert.equal(registerOf(phase('L1', '1'), phase('N', '9')), 1);
    assert.equal(registerOf(phase('L1', '1'), phase('L1-N', '1')), undefined);
    assert.equal(registerOf(phase('L1-L2', '1')), undefined);
    assert.equal(registerOf(phase('L1', '1'), phase('L2', '')), undefined);
  });

  test('any split of a register over three phases sums to it', () => {
    const share = fc.integer({ min: 0, max: 10 ** 9 });
    fc.assert(
      fc.property(share, share, share, fc.constantFrom('', '-N'), fc.boolean(), (one, two, three, suffix, kilo) => {
        const parts = [one, two, three].map((wh, index) => ({
          value: kilo ? `${Math.trunc(wh / 1000)}.${String(wh % 1000).padStart(3, '0')}` : String(wh),
          unit: kilo ? ('kWh' as const) : ('Wh' as const),
          phase: `L${index + 1}${suffix}` as 'L1',
        }));
        assert.equal(registerOf(...parts), one + two + three);
      }),
    );
  });
});

describe('isPlausibleClock', () => {
  test('is true from 2015 to a day after the receive time', () => {
    const receivedAt = new Date(NOON);
    const plausible = (text: string) => isPlausibleClock(new Date(text), receivedAt);
    assert.equal(plausible('1970-01-01T00:00:00Z'), false);
    assert.equal(plausible('2014-12-31T23:59:59Z'), false);
    assert.equal(plausible('2015-01-01T00:00:00Z'), true);
    assert.equal(plausible(NOON), true);
    assert.equal(plausible('2026-02-01T12:00:00Z'), true);
    assert.equal(plausible('2026-02-01T12:00:00.001Z'), false);
  });
});
