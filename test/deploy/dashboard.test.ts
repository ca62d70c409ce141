import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queriesOf, readDashboard } from './dashboard-file.ts';

/** Of Grafana 11; newer ones bring it up to date by themselves. */
const SCHEMA_VERSION = 39;
const COLUMNS = 24;
const PANELS = new Set(['row', 'stat', 'timeseries']);

const dashboard = await readDashboard();

test('the dashboard is of a form that Grafana loads', () => {
  assert.ok(dashboard.uid && dashboard.title && dashboard.schemaVersion >= SCHEMA_VERSION);
  const ids = dashboard.panels.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const { title, type, datasource, targets = [] } of dashboard.panels) {
    assert.ok(PANELS.has(type), `${title} is a ${type}`);
    if (type === 'row') continue;
    assert.deepEqual(datasource, { type: 'prometheus', uid: '$' + '{datasource}' }, title);
    assert.ok(targets.length > 0, title);
    assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
  }
});

test('the dashboard has a row for each part', () => {
  const rows = dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title);
  assert.deepEqual(rows, ['Chargers', 'Messages', 'Queue', 'Commands', 'Stores', 'Processes']);
});

test('no panel lies on another, or beyond the edge', () => {
  const taken = new Map<string, string>();
  for (const { title, gridPos } of dashboard.panels) {
    assert.ok(gridPos.x + gridPos.w <= COLUMNS, title);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        assert.equal(taken.get(`${x} ${y}`), undefined, `${title} lies on another panel`);
        taken.set(`${x} ${y}`, title);
      }
    }
  }
});

test('every variable that is used is there', () => {
  const known = new Set(dashboard.templating.list.map(({ name }) => name));
  const used = [...JSON.stringify(dashboard).matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name);
  for (const name of used) assert.ok(known.has(name) || name.startsWith('__'), name);
  for (const { expression } of queriesOf(dashboard)) assert.ok(!expression.includes('$'), expression);
});
