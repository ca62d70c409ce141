import assert from 'node:assert/strict';
import { storybook } from '../story.ts';

const { stories, story } = storybook();

export { stories };

story('every process says it lives, is ready, and shows its metrics', async (_t, stage) => {
  const urls = [
    ...stage.cluster.gateways.map(({ apiUrl }) => apiUrl),
    ...stage.cluster.workers.map(({ opsUrl }) => opsUrl),
  ];
  for (const url of urls) {
    assert.equal((await fetch(`${url}/livez`)).status, 200);
    const ready = await fetch(`${url}/readyz`);
    assert.equal(ready.status, 200, await ready.clone().text());
    assert.match(await (await fetch(`${url}/metrics`)).text(), /voltgate_/);
  }
});
