import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demonstrate } from '../local/demo.ts';
import { until } from '../support/until.ts';
import { type Script, scriptedCentralSystem } from './charge-point/scripted-central-system.ts';

const silence: Script = () => null;

for (const [what, scripts, asked] of [
  ['the boot of its charger is not answered', { BootNotification: silence }, 'BootNotification'],
  ['its charger has something left to tell', { StartTransaction: silence }, 'StartTransaction'],
] as const) {
  test(`the demonstration ends when it is told to, even when ${what}`, async (t) => {
    const central = await scriptedCentralSystem(t, scripts);
    const said: string[] = [];
    const report = {
      progress: (text: string) => void said.push(text),
      event: () => undefined,
      screen: () => undefined,
    };
    const scene = { ocppUrl: central.url, apiUrl: 'http://127.0.0.1:9', cluster: { apiKey: 'none' } };
    const stop = demonstrate(scene, 1, report);
    await until(() => central.calls(asked).length > 0);
    let stopped = false;
    void stop().then(() => {
      stopped = true;
    });
    // Half of what a charger gives a central system that is there.
    await until(() => stopped, { withinMs: 30_000, what: 'the end of the demonstration' });
    assert.deepEqual(said, []);
  });
}
