import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Register, sessionEnergy } from '@voltgate/shared/ocpp16/meter-engine.ts';
import fc from 'fast-check';

const NOON = '2026-01-31T12:00:00Z';
/** Registers a minute apart. */
const minutely = (...values: number[]): Register[] =>
  values.map((registerWh, minute) => ({ sampledAt: new Date(Date.parse(NOON) + minute * 60_000), registerWh }));
const energyOf = (meterStartWh: number, meterStopWh: number, ...registers: number[]) =>
  sessionEnergy({ meterStartWh, meterStopWh, registers: minutely(...registers) });

describe('sessionEnergy', () => {
  test('is meterStop - meterStart', () => {
    assert.deepEqual(energyOf(1000, 6000), { energyWh: 5000, source: 'register', flags: [] });
    assert.deepEqual(energyOf(1000, 6000, 1000, 3000, 5900), { energyWh: 5000, source: 'register', flags: [] });
    assert.deepEqual(energyOf(7, 7), { energyWh: 0, source: 'register', flags: [] });
  });

  test('samples coarser than the meter are no reset', () => {
    assert.deepEqual(energyOf(12_345, 12_999, 12_300, 12_900, 13_000), {
      energyWh: 654,
      source: 'register',
      flags: [],
    });
    assert.deepEqual(energyOf(12_900, 14_500, 12_000, 13_000, 14_000), {
      energyWh: 1600,
      source: 'register',
      flags: [],
    });
    assert.deepEqual(energyOf(1000, 990), { energyWh: 0, source: 'register', flags: ['meter-stop-below-start'] });
  });

  test('a register that ran over its end is unrolled', () => {
    const rollover = { source: 'rollover', flags: ['meter-stop-below-start', 'register-rollover'] };
    assert.deepEqual(energyOf(99_000, 1500), { energyWh: 2500, ...rollover });
    assert.deepEqual(energyOf(999_999_000, 1500), { energyWh: 2500, ...rollover });
    assert.deepEqual(energyOf(99_000, 1500, 99_000, 99_800, 600, 1400), { energyWh: 2500, ...rollover });
  });

  test('samples that contradict a rollover make it a reset', () => {
    const flags = ['meter-stop-below-start', 'register-reset'];
    const energy = energyOf(9_100_000, 20_000, 9_100_000, 9_105_000, 5000, 15_000);
    assert.deepEqual(energy, { energyWh: 25_000, source: 'samples', flags });
  });

  test('a register that started again is summed from its samples', () => {
    const flags = ['meter-stop-below-start', 'register-reset'];
    assert.deepEqual(energyOf(50_000, 3000), { energyWh: 3000, source: 'samples', flags });
    assert.deepEqual(energyOf(50_000, 3000, 51_000, 52_000, 500, 2000), { energyWh: 5000, source: 'samples', flags });
    assert.deepEqual(energyOf(5000, 4000), { energyWh: 4000, source: 'samples', flags });
  });

  test('a reset in the middle is seen though meterStop is above meterStart', () => {
    const expected = { energyWh: 8000, source: 'samples', flags: ['register-reset'] };
    assert.deepEqual(energyOf(0, 3000, 2000, 5000, 100, 2000), expected);
  });

  test('the order in which samples came does not matter', () => {
    const registers = minutely(51_000, 52_000, 500, 2000);
    const session = { meterStartWh: 50_000, meterStopWh: 3000 };
    const energy = sessionEnergy({ ...session, registers });
    assert.deepEqual(sessionEnergy({ ...session, registers: registers.toReversed() }), energy);
  });

  test('more than a megawatt, and kWh labelled Wh, are flagged and not rescaled', () => {
    const flags = ['implausible-jump'];
    assert.deepEqual(energyOf(0, 90_000, 10_000, 80_000), { energyWh: 90_000, source: 'register', flags });
    assert.deepEqual(energyOf(50, 50_000), { energyWh: 49_950, source: 'register', flags });
    assert.deepEqual(energyOf(0, 20_000, 5000, 20_000), { energyWh: 20_000, source: 'register', flags: [] });
  });

  test('implausible samples do not outvote the readings of the transaction', () => {
    const energy = energyOf(1_000_000, 1_010_000, 1000, 1005, 1009);
    assert.deepEqual(energy, { energyWh: 10_000, source: 'register', flags: ['register-reset', 'implausible-jump'] });
  });

  test('without finite numbers there is no energy', () => {
    assert.equal(energyOf(Number.NaN, 5).energyWh, null);
    assert.equal(energyOf(0, 5, Number.NaN).energyWh, 5);
  });

  const wh = fc.double({ min: 0, max: 1e9, noNaN: true });

  test('energy is never negative, and 0 at least is always said', () => {
    const any = fc.oneof(wh, fc.integer({ min: -1000, max: 2 ** 31 - 1 }));
    fc.assert(
      fc.property(any, any, fc.array(any, { maxLength: 20 }), (start, stop, registers) => {
        const { energyWh, source, flags } = energyOf(start, stop, ...registers);
        assert.ok(energyWh !== null && energyWh >= 0);
        assert.equal(flags.includes('meter-stop-below-start'), stop < start);
        assert.equal(flags.includes('register-rollover'), source === 'rollover');
      }),
      { numRuns: 5000 },
    );
  });

  test('a register that never falls gives the difference, whatever its samples', () => {
    fc.assert(
      fc.property(fc.array(wh, { minLength: 2, maxLength: 20 }), (values) => {
        const [start = 0, ...rest] = values.toSorted((a, b) => a - b);
        const stop = rest.pop() ?? start;
        const energy = energyOf(start, stop, ...rest);
        assert.deepEqual([energy.energyWh, energy.source], [stop - start, 'register']);
      }),
    );
  });

  test('a restart in a plausible session costs no energy', () => {
    const gains = fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 2, maxLength: 10 });
    fc.assert(
      fc.property(fc.integer({ min: 20_000, max: 80_000 }), gains, gains, (start, before, after) => {
        const walk = (from: number, steps: number[]) => {
          let at = from;
          return steps.map((step) => {
            at += step;
            return at;
          });
        };
        const registers = [...walk(start, before), ...walk(0, after)];
        const stop = registers.at(-1) ?? 0;
        const energy = energyOf(start, stop, ...registers);
        const sum = [...before, ...after].reduce((total, gain) => total + gain, 0);
        if (stop < start && !energy.flags.includes('register-rollover')) assert.equal(energy.energyWh, sum);
      }),
    );
  });
});
