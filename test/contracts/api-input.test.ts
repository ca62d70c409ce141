import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { insertSite, openApi } from './api-fixture.ts';

const cursor = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Each path under /api/v1 with the fields its problem must name. */
const bad: readonly (readonly [path: string, ...fields: string[]])[] = [
  ['/transactions?from=yesterday', 'from'],
  ['/transactions?from=2026-01-31', 'from'],
  ['/transactions?from=2026-01-31T12:00:00', 'from'],
  ['/transactions?from=2026-02-30T12:00:00Z', 'from'],
  ['/transactions?from=2026-13-01T12:00:00Z', 'from'],
  ['/transactions?from=0000-01-01T00:00:00Z', 'from'],
  ['/transactions?from=0001-01-01T00:00:00%2B01:00', 'from'],
  ['/transactions?to=9999-12-31T23:59:59-01:00', 'to'],
  ['/transactions?to=', 'to'],
  ['/transactions?from=2026-01-31T12:00:01Z&to=2026-01-31T12:00:00Z', 'from'],
  ['/transactions?limit=0', 'limit'],
  ['/transactions?limit=501', 'limit'],
  ['/transactions?limit=1.5', 'limit'],
  ['/transactions?limit=many', 'limit'],
  ['/transactions?limit=', 'limit'],
  ['/transactions?limit=1&limit=2', 'limit'],
  ['/transactions?status=running', 'status'],
  ['/transactions?idTag=', 'idTag'],
  ['/transactions?idTag=123456789012345678901', 'idTag'],
  ['/transactions?idTag=a%00b', 'idTag'],
  ['/transactions?chargePointId=%00', 'chargePointId'],
  ['/transactions?stauts=active', 'stauts'],
  ['/transactions?cursor=', 'cursor'],
  ['/transactions?cursor=!!', 'cursor'],
  ['/transactions?cursor=abc', 'cursor'],
  [`/transactions?cursor=${cursor(['transactions', [0]])}`, 'cursor'],
  [`/transactions?cursor=${cursor(['transactions', [0, 2 ** 31]])}`, 'cursor'],
  [`/transactions?cursor=${cursor(['transactions', [-8.64e15, 1]])}`, 'cursor'],
  [`/transactions?cursor=${cursor(['orphans', 1])}`, 'cursor'],
  [`/charge-points?cursor=${cursor(['charge-points', 'a\u0000'])}`, 'cursor'],
  ['/transactions?from=x&to=y&limit=z&status=w&nothing=1', 'from', 'to', 'limit', 'status', 'nothing'],
  [`/transactions?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z&cursor=abc`, 'cursor', 'from'],
  ['/transactions/x', 'id'],
  ['/transactions/1.5', 'id'],
  ['/transactions/2147483648', 'id'],
  ['/transactions/98765432109876543210/meter-values', 'id'],
  ['/transactions/11?verbose=1', 'verbose'],
  ['/transactions/11/meter-values?measurand=', 'measurand'],
  ['/transactions/11/meter-values?limit=x&from=x', 'limit', 'from'],
  ['/charge-points?limit=-1', 'limit'],
  ['/charge-points?from=2026-01-01T00:00:00Z', 'from'],
  ['/charge-points/CP-2?limit=1', 'limit'],
  [`/charge-points/${'x'.repeat(49)}`, 'id'],
  ['/charge-points/a%00b', 'id'],
  ['/charge-points/CP-2/connectors?cursor=1', 'cursor'],
  ['/charge-points/CP-2/transactions?chargePointId=CP-2', 'chargePointId'],
  ['/charge-points/CP-2/meter-values?measurand=a%1Fb&to=x', 'measurand', 'to'],
  ['/orphans?status=lost', 'status'],
  ['/orphans?chargePointId=&limit=1000', 'chargePointId', 'limit'],
];

test('bad input is a problem that names every wrong field', async (t) => {
  const { sql, get } = await openApi(t);
  await insertSite(sql);
  for (const [path, ...fields] of bad) {
    const { status, headers, body } = await get(`/api/v1${path}`);
    assert.equal(status, 400, path);
    assert.match(String(headers['content-type']), /^application\/problem\+json/);
    assert.deepEqual(body.errors?.map(({ field }) => field).toSorted(), fields.toSorted(), path);
    for (const { message } of body.errors ?? []) assert.ok(message.length > 5, `${path}: ${message}`);
    assert.equal(body.type, 'urn:voltgate:problem:bad-request');
    assert.equal(body.instance, `/api/v1${path}`.split('?')[0]);
    assert.equal(body.status, 400);
  }
});

test('what does not exist is a 404 problem', async (t) => {
  const { get } = await openApi(t);
  for (const [path, type] of [
    ['/api/v1/charge-points/nobody', 'unknown-charge-point'],
    ['/api/v1/charge-points/nobody/connectors', 'unknown-charge-point'],
    ['/api/v1/charge-points/nobody/transactions', 'unknown-charge-point'],
    ['/api/v1/charge-points/nobody/meter-values', 'unknown-charge-point'],
    ['/api/v1/transactions/1', 'unknown-transaction'],
    ['/api/v1/transactions/0', 'unknown-transaction'],
    ['/api/v1/transactions/-1', 'unknown-transaction'],
    ['/api/v1/transactions/1/meter-values', 'unknown-transaction'],
    ['/api/v1/nothing', 'unknown-route'],
    ['/nothing?a=b', 'unknown-route'],
    ['/docs/nothing.js', 'unknown-route'],
  ] as const) {
    const { status, headers, body } = await get(path);
    assert.equal(status, 404, path);
    assert.match(String(headers['content-type']), /^application\/problem\+json/);
    assert.equal(body.type, `urn:voltgate:problem:${type}`, path);
    assert.equal(body.title, 'Not Found');
  }
});

test('a path that does not decode is a 400 problem', async (t) => {
  const { get } = await openApi(t);
  const { status, headers, body } = await get('/api/v1/charge-points/%ff');
  assert.equal(status, 400);
  assert.match(String(headers['content-type']), /^application\/problem\+json/);
  assert.equal(body.type, 'urn:voltgate:problem:bad-request');
});

test('another method is a 405 problem that says which are allowed', async (t) => {
  const { app, key } = await openApi(t);
  const headers = { 'x-api-key': key };
  for (const [method, url] of [
    ['DELETE', '/api/v1/transactions'],
    ['PUT', '/api/v1/transactions/11'],
    ['TRACE', '/api/v1/orphans'],
    ['QUERY', '/api/v1/transactions'],
  ] as const) {
    const response = await app.inject({ method: method as 'DELETE', url, headers });
    assert.equal(response.statusCode, 405, `${method} ${url}`);
    assert.equal(response.headers.allow, 'GET, HEAD');
    assert.equal(response.json().type, 'urn:voltgate:problem:method-not-allowed');
  }
  assert.equal((await app.inject({ method: 'HEAD', url: '/api/v1/charge-points', headers })).statusCode, 200);
});

test('what is no HTTP, or has too large a head, is answered with a problem and the end of the connection', async (t) => {
  const { app } = await openApi(t);
  const port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
  for (const [request, status, kind] of [
    ['CHARGE /api/v1/transactions HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'bad-request'],
    [`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'header-too-large'],
  ] as const) {
    const [head = '', body = ''] = (await rawAnswer(port, request)).split('\r\n\r\n');
    assert.match(head, new RegExp(`^HTTP/1.1 ${status} `));
    assert.match(head, /^content-type: application\/problem\+json/im);
    assert.match(head, new RegExp(`^content-length: ${Buffer.byteLength(body)}$`, 'im'));
    const { type, status: shown } = JSON.parse(body);
    assert.deepEqual([type, shown], [`urn:voltgate:problem:${kind}`, status]);
  }
});

/** All that comes back for a text on a connection of its own, until that ends. */
function rawAnswer(port: number, request: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request)).setEncoding('utf8');
    let answer = '';
    socket.on('data', (chunk: string) => {
      answer += chunk;
    });
    // What is left unread of the request may reset the connection behind the answer.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });
}

test('without a known key there is a 401 problem, before anything else is looked at', async (t) => {
  const { get, key } = await openApi(t);
  const challengeOf = async (headers: Record<string, string>) => {
    const answer = await get('/api/v1/transactions?limit=broken', headers);
    if (answer.status === 401) assert.equal(answer.body.type, 'urn:voltgate:problem:unauthorized');
    return [answer.status, answer.headers['www-authenticate']];
  };
  assert.deepEqual(await challengeOf({}), [401, 'Bearer']);
  assert.deepEqual(await challengeOf({ authorization: '' }), [401, 'Bearer']);
  assert.deepEqual(await challengeOf({ authorization: `Basic ${key}` }), [401, 'Bearer']);
  assert.deepEqual(await challengeOf({ 'x-api-key': '' }), [401, 'Bearer']);
  assert.deepEqual(await challengeOf({ 'x-api-key': 'wrong' }), [401, 'Bearer error="invalid_token"']);
  assert.deepEqual(await challengeOf({ authorization: 'Bearer wrong' }), [401, 'Bearer error="invalid_token"']);
  assert.deepEqual(await challengeOf({ authorization: `bearer ${key}` }), [400, undefined]);
  assert.deepEqual(await challengeOf({ 'x-api-key': key }), [400, undefined]);
});

test('the document and its page need no key', async (t) => {
  const { get } = await openApi(t);
  for (const path of ['/docs', '/docs/', '/openapi.json']) {
    const { status } = await get(path, {});
    assert.ok(status === 200 || status === 302, `${path}: ${status}`);
  }
});
