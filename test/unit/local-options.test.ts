import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions, UsageError } from '../local/options.ts';

test('without arguments there are two gateways, a worker, three chargers and port 9220', () => {
  const expected = { standalone: false, chargers: 3, gateways: 2, workers: 1, demo: true, port: 9220, json: false };
  assert.deepEqual(readOptions([]), { ...expected, help: false });
});

test('every option is read', () => {
  const args = ['--gateways', '4', '--workers=2', '--chargers', '10', '--no-demo', '--port', '0', '--json'];
  const { gateways, workers, chargers, demo, port, json } = readOptions(args);
  assert.deepEqual(
    { gateways, workers, chargers, demo, port, json },
    {
      gateways: 4,
      workers: 2,
      chargers: 10,
      demo: false,
      port: 0,
      json: true,
    },
  );
});

for (const args of [
  ['--wat'],
  ['somewhere'],
  ['--port', 'x'],
  ['--port', '65535'],
  ['--gateways', '0'],
  ['--chargers'],
  ['--standalone', '--gateways', '2'],
]) {
  test(`a clear refusal of: ${args.join(' ')}`, () => {
    assert.throws(
      () => readOptions(args),
      (error) => error instanceof UsageError && !error.message.includes('\n'),
    );
  });
}
