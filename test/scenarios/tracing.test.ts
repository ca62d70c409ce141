import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, type TestContext, test } from 'node:test';
import { upsertIdTag } from '@voltgate/shared/store/administration.ts';
import { undoAfter } from '../support/cleanup.ts';
import { type Collector, type SeenSpan, startCollector } from '../support/collector.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { command, type HttpAnswer } from './http.ts';
import type { Plug } from './plug.ts';
import { openStage, type Stage } from './stage.ts';

type ShownFrame = { readonly action: string; readonly traceId: string };

const at = () => new Date().toISOString();
const hex = (bytes: number) => randomBytes(bytes).toString('hex');

describe('traces of a cluster', () => {
  let collector: Collector;
  let stage: Stage;
  before(async () => {
    collector = await startCollector();
    stage = await openStage('cluster', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  });
  after(async () => {
    await stage?.close();
    await collector?.close();
  });

  test('one trace goes from the API over both gateways and the charger to the statement', async (t) => {
    const id = stage.newId();
    const plug = await owned(t, stage, id, 1);
    plug.answerAll(() => ({ status: 'Accepted' }));
    const answer = await command(stage, id, 'ChangeConfiguration', { key: 'a', value: 'b' }, { gateway: 0 });
    assert.equal(answer.status, 200);
    const traceId = await traceIdOf(stage, answer);
    const spans = await collector.trace(traceId, [
      'command publish',
      'command execute',
      'ocpp.call ChangeConfiguration',
      'tell publish',
      'ocpp.handle gateway.command-records',
      'INSERT command',
      'COMMIT',
      'POST /api/v1/charge-points/:id/commands/ChangeConfiguration',
    ]);
    const [gatewayA, gatewayB] = stage.cluster.gateways;
    assert.deepEqual(pathTo(spans, 'ocpp.call ChangeConfiguration'), [
      `${gatewayA?.processId} POST /api/v1/charge-points/:id/commands/ChangeConfiguration`,
      `${gatewayA?.processId} command publish`,
      `${gatewayB?.processId} command execute`,
      `${gatewayB?.processId} ocpp.call ChangeConfiguration`,
    ]);
    const call = named(spans, 'ocpp.call ChangeConfiguration');
    assert.equal(call.attributes['charge_point.id'], id);
    assert.equal(call.attributes['ocpp.action'], 'ChangeConfiguration');
    assert.equal(call.attributes['ocpp.outcome'], 'answered');
    assert.equal(spans[0]?.attributes['http.response.status_code'], 200);
    // The effect of the answer, told by gateway B, written by a worker.
    const toStatement = await until(() =>
      own(collector, traceId)
        .filter(({ name }) => name === 'INSERT command')
        .map((span) => pathOf(own(collector, traceId), span))
        .find((path) => path.includes(`${gatewayB?.processId} command execute`)),
    );
    assert.deepEqual(
      toStatement.slice(3).map((step) => step.replace(/^worker-\S+/, 'worker')),
      [`${gatewayB?.processId} tell publish`, 'worker ocpp.handle gateway.command-records', 'worker INSERT command'],
    );
    const statement = named(spans, 'INSERT command');
    assert.equal(statement.attributes['db.system.name'], 'postgresql');
    assert.equal(statement.attributes['db.operation.name'], 'INSERT');
    assert.match(String(statement.attributes['db.query.text']), /\$1/);
    assert.ok(!String(statement.attributes['db.query.text']).includes(id));
  });

  test('one trace goes from a frame over the queue and a worker to the statement and the answer', async (t) => {
    const id = stage.newId();
    const idTag = `trace-${id.slice(3)}`;
    await upsertIdTag(stage.store.db, { idTag });
    const plug = await stage.plug(t, id, { gateway: 0 });
    const conf = await plug.ask('StartTransaction', { connectorId: 1, idTag, meterStart: 0, timestamp: at() });
    const { traceId } = await stage.transaction(Number(conf.transactionId), () => true);
    const spans = await collector.trace(traceId, ['ocpp.receive StartTransaction', 'INSERT transaction', 'COMMIT']);
    const path = pathTo(spans, 'INSERT transaction').map((step) => step.replace(/^\S+/, ''));
    assert.deepEqual(path, [
      ' ocpp.receive StartTransaction',
      ' ask publish',
      ' ocpp.handle StartTransaction',
      ' INSERT transaction',
    ]);
    assert.deepEqual(new Set(spans.map(({ service }) => service)), new Set(['voltgate-gateway', 'voltgate-worker']));
    assert.equal(named(spans, 'ocpp.receive StartTransaction').attributes['ocpp.outcome'], 'answered');
    assert.ok(spans.every(({ failed }) => !failed));
  });

  test('told messages that are written together keep their traces, which meet at the statement', async (t) => {
    const plugs = await Promise.all(Array.from({ length: 12 }, () => stage.plug(t, stage.newId(), { gateway: 0 })));
    const sampledAt = at();
    const reading = { connectorId: 1, meterValue: [{ timestamp: sampledAt, sampledValue: [{ value: '7' }] }] };
    await Promise.all(plugs.map((plug) => plug.ask('MeterValues', reading)));
    const handled = await until(() => {
      const found = collector.spans.filter(({ name }) => name === 'ocpp.handle MeterValues');
      return found.length === plugs.length && found;
    });
    assert.equal(new Set(handled.map(({ traceId }) => traceId)).size, plugs.length);
    const statements = await until(() => {
      const found = collector.spans.filter(({ name }) => name === 'INSERT meter_value');
      return found.length > 0 && found;
    });
    const parents = new Set(statements.map(({ parentSpanId }) => parentSpanId));
    for (const { spanId, links } of handled)
      assert.ok(parents.has(spanId) || links.some((link) => parents.has(link)), 'the statement is its own or linked');
  });

  test('a request with a traceparent stays in its trace, which logs and the message log name', async (t) => {
    const id = stage.newId();
    const plug = await owned(t, stage, id, 2);
    plug.answerAll(() => ({ status: 'Accepted' }));
    const traceId = hex(16);
    const parent = hex(8);
    const headers = { traceparent: `00-${traceId}-${parent}-01` };
    await command(stage, id, 'ClearCache', {}, { gateway: 0, headers });
    const spans = await collector.trace(traceId, [
      'POST /api/v1/charge-points/:id/commands/ClearCache',
      'ocpp.call ClearCache',
    ]);
    assert.equal(named(spans, 'POST /api/v1/charge-points/:id/commands/ClearCache').parentSpanId, parent);
    await until(() => stage.logs.some((line) => line.msg === 'command ended' && line.traceId === traceId));
    await until(() => stage.logs.some((line) => line.msg === 'letter handled' && line.traceId === traceId));
    const frames = await framesOf(stage, id, 'ClearCache');
    assert.deepEqual(
      frames.map((frame) => frame.traceId),
      [traceId, traceId],
    );
  });

  test('a request that says it is not sampled makes no span on any process', async (t) => {
    const id = stage.newId();
    const plug = await owned(t, stage, id, 1);
    plug.answerAll(() => ({ status: 'Accepted' }));
    const [silent, loud] = [hex(16), hex(16)];
    const given = async (traceId: string, flags: string) => {
      const headers = { traceparent: `00-${traceId}-${hex(8)}-${flags}` };
      const { status } = await command(stage, id, 'ClearCache', {}, { gateway: 0, headers });
      assert.equal(status, 200);
    };
    await given(silent, '00');
    // What is exported after it shows that the first had its chance.
    await given(loud, '01');
    await collector.trace(loud, ['command publish', 'command execute', 'INSERT command']);
    await collector.trace(loud, ['POST /api/v1/charge-points/:id/commands/ClearCache']);
    assert.deepEqual(own(collector, silent), []);
    const traceIds = new Set((await framesOf(stage, id, 'ClearCache', 4)).map(({ traceId }) => traceId));
    assert.deepEqual(traceIds, new Set([silent, loud]));
  });

  test('what is unreadable in a traceparent begins a trace of its own', async (t) => {
    const id = stage.newId();
    const plug = await owned(t, stage, id);
    plug.answerAll(() => ({ status: 'Accepted' }));
    const headers = { traceparent: `00-${'0'.repeat(32)}-${hex(8)}-01` };
    const answer = await command(stage, id, 'ClearCache', {}, { headers });
    const traceId = await traceIdOf(stage, answer);
    assert.notEqual(traceId, '0'.repeat(32));
    await collector.trace(traceId, ['command publish']);
  });
});

test('without sampling frames make no spans, a sampled request still does, and a stop exports the last', {
  timeout: 600_000,
}, async (t) => {
  const collector = await startCollector();
  undoAfter(t, () => collector.close());
  const stage = await openStage('standalone', {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
    OTEL_TRACES_SAMPLER: 'parentbased_always_off',
    OTEL_SERVICE_NAME: 'depot',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  });
  undoAfter(t, () => stage.close());
  const id = stage.newId();
  const plug = await stage.plug(t, id);
  plug.answerAll(() => ({ status: 'Accepted' }));
  await plug.ask('BootNotification', { chargePointVendor: 'v', chargePointModel: 'm' });
  await plug.ask('StartTransaction', { connectorId: 1, idTag: 'none', meterStart: 0, timestamp: at() });
  const traceId = hex(16);
  await command(stage, id, 'ClearCache', {}, { headers: { traceparent: `00-${traceId}-${hex(8)}-01` } });
  const [program] = stage.cluster.gateways;
  assert.equal((await program?.stop())?.code, 0);
  const names = new Set(own(collector, traceId).map(({ name }) => name));
  for (const name of ['command publish', 'command execute', 'ocpp.call ClearCache', 'INSERT command'])
    assert.ok(names.has(name), `${name} among ${[...names]}`);
  assert.deepEqual(new Set(collector.spans.map((span) => span.traceId)), new Set([traceId]));
  assert.equal(collector.spans[0]?.service, 'depot');
});

test('a collector that is away slows nothing, is one line in the log and does not hold up a stop', {
  timeout: 600_000,
}, async (t) => {
  const stage = await openStage('standalone', {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
    OTEL_EXPORTER_OTLP_TIMEOUT: '500',
  });
  undoAfter(t, () => stage.close());
  const plug = await stage.plug(t, stage.newId());
  const complaints = () => stage.logs.filter(({ msg }) => msg === 'spans not exported');
  const heartbeat = async () => {
    const startedAtMs = performance.now();
    await plug.ask('Heartbeat', {});
    return performance.now() - startedAtMs;
  };
  await heartbeat();
  await until(() => complaints().length > 0);
  const tookMs: number[] = [];
  for (let count = 0; count < 300; count++) tookMs.push(await heartbeat());
  // Half of them: this machine may be busy with something else. A wait for the collector would be 500 ms for each.
  const median = tookMs.toSorted((a, b) => a - b)[tookMs.length >> 1] ?? Number.POSITIVE_INFINITY;
  assert.ok(median < 250, `${median} ms`);
  const [program] = stage.cluster.gateways;
  assert.equal((await program?.stop())?.code, 0);
  assert.equal(complaints().length, 1);
});

/** A charge point that a command reaches: the answer says that it is claimed. */
async function owned(t: TestContext, stage: Stage, id: string, gateway = 0): Promise<Plug> {
  const plug = await stage.plug(t, id, { gateway });
  await plug.ask('Heartbeat', {});
  return plug;
}

function own({ spans }: Collector, traceId: string): readonly SeenSpan[] {
  return spans.filter((span) => span.traceId === traceId);
}

function named(spans: readonly SeenSpan[], name: string): SeenSpan {
  const found = spans.find((span) => span.name === name);
  assert.ok(found, name);
  return found;
}

function pathTo(spans: readonly SeenSpan[], name: string): string[] {
  return pathOf(spans, named(spans, name));
}

/** Process and name of every span from the first of the trace down to this one. */
function pathOf(spans: readonly SeenSpan[], span: SeenSpan): string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [...(parent ? pathOf(spans, parent) : []), `${span.instance} ${span.name}`];
}

/** By the command's record, which is written a little later than it is answered. */
async function traceIdOf(stage: Stage, { headers }: HttpAnswer): Promise<string> {
  const location = headers.get('location') ?? '';
  return (await until(() => stage.get<{ traceId: string }>(location))).traceId;
}

async function framesOf(stage: Stage, id: string, action: string, count = 2): Promise<readonly ShownFrame[]> {
  return await until(async () => {
    const { items } = await stage.get<{ items: readonly ShownFrame[] }>(`/api/v1/frames?chargePointId=${id}`);
    const wanted = items.filter((frame) => frame.action === action);
    return wanted.length === count && wanted;
  });
}
