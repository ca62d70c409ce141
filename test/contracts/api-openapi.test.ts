import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { insertSample, insertSite, openApi } from './api-fixture.ts';

type Media = { readonly schema: { readonly $ref?: string } };
type Parameter = { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema: object };
type Response = {
  readonly description: string;
  readonly headers?: Record<string, object>;
  readonly content: Record<string, Media>;
};
type Operation = {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  readonly responses: Record<string, Response>;
};
type Document = {
  readonly openapi: string;
  readonly info: Record<string, unknown>;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, object>; readonly securitySchemes: Record<string, object> };
  readonly security: readonly Record<string, unknown>[];
};

async function openDocument(t: Parameters<typeof openApi>[0]) {
  const api = await openApi(t);
  const { body } = await api.get('/openapi.json', {});
  return { api, document: body as unknown as Document };
}

/** Every operation with its path. */
const operationsOf = (document: Document) =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );

/** A checker of schemas that may refer to the components. */
function schemasOf(document: Document): Ajv2020 {
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    formats: { 'date-time': isTime, uuid: true, 'well-formed': true },
  });
  return ajv.addSchema({ $id: 'https://document/', components: document.components });
}

const isTime = (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text);
const absolute = (schema: object) =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"https://document/#/components'));

test('the document is OpenAPI 3.1 and whole', async (t) => {
  const { document } = await openDocument(t);
  assert.match(document.openapi, /^3\.1\.\d+$/);
  assert.equal(document.info.title, 'Voltgate');
  assert.equal(document.info.version, '1.2.3');
  const ajv = schemasOf(document);
  for (const schema of Object.values(document.components.schemas)) ajv.compile(absolute(schema));
  for (const [, ref] of JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)) {
    assert.ok(document.components.schemas[ref?.replace('#/components/schemas/', '') ?? ''], `${ref} is defined`);
  }
  for (const requirement of document.security) {
    for (const name of Object.keys(requirement)) assert.ok(document.components.securitySchemes[name]);
  }
  const ids = operationsOf(document).map(({ operation }) => operation.operationId);
  assert.equal(new Set(ids).size, ids.length);
  for (const { path, operation } of operationsOf(document)) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const parameters = operation.parameters ?? [];
    const declared = parameters.filter((parameter) => parameter.in === 'path');
    assert.deepEqual(
      declared.map(({ name, required }) => [name, required]),
      inPath.map((name) => [name, true]),
    );
    for (const { name, schema, ...parameter } of parameters) {
      ajv.compile(absolute(schema));
      if (parameter.in === 'query') assert.ok(!parameter.required, `${path} ${name}`);
    }
    assert.ok(operation.summary, path);
  }
});

test('every route is documented with its success and its problems', async (t) => {
  const { document } = await openDocument(t);
  assert.deepEqual(
    operationsOf(document)
      .map(({ method, path }) => `${method} ${path}`)
      .toSorted(),
    [
      'delete /api/v1/charge-points/{id}',
      'delete /api/v1/id-tags/{idTag}',
      'delete /api/v1/unknown-charge-points/{id}',
      'get /api/v1/charge-points',
      'get /api/v1/charge-points/{id}',
      'get /api/v1/charge-points/{id}/charging-profiles',
      'get /api/v1/charge-points/{id}/commands',
      'get /api/v1/charge-points/{id}/configuration',
      'get /api/v1/charge-points/{id}/connectors',
      'get /api/v1/charge-points/{id}/meter-values',
      'get /api/v1/charge-points/{id}/reservations',
      'get /api/v1/charge-points/{id}/transactions',
      'get /api/v1/commands/{id}',
      'get /api/v1/flapping',
      'get /api/v1/frames',
      'get /api/v1/id-tags',
      'get /api/v1/id-tags/{idTag}',
      'get /api/v1/orphans',
      'get /api/v1/transactions',
      'get /api/v1/transactions/{id}',
      'get /api/v1/transactions/{id}/meter-values',
      'get /api/v1/unknown-charge-points',
      'patch /api/v1/charge-points/{id}',
      'patch /api/v1/id-tags/{idTag}',
      'post /api/v1/charge-points',
      'post /api/v1/id-tags',
    ],
  );
  for (const { path, method, operation } of operationsOf(document)) {
    const missing = path.includes('{') ? ['404'] : [];
    const role = method === 'get' ? [] : ['403'];
    const success = { post: '201', delete: '204' }[method] ?? '200';
    const body = ['post', 'patch'].includes(method) ? ['413', '415'] : [];
    const exists = method === 'post' ? ['409'] : [];
    assert.deepEqual(
      Object.keys(operation.responses).toSorted(),
      [success, '400', '401', ...role, ...missing, ...exists, ...body, '500', '503'],
      `${method} ${path}`,
    );
    for (const [status, response] of Object.entries(operation.responses)) {
      assert.ok(response.description);
      if (status === '204') continue;
      const type = status === success ? 'application/json' : 'application/problem+json';
      assert.ok(Object.hasOwn(response.content, type), `${method} ${path} ${status}`);
      if (status === '503') assert.ok(response.headers?.['Retry-After'], `${path} says when to try again`);
      if (status !== success) assert.equal(response.content[type]?.schema.$ref, '#/components/schemas/Problem');
    }
  }
});

test('what is answered is what the document says', async (t) => {
  const { api, document } = await openDocument(t);
  await insertSite(api.sql);
  await insertSample(api, '2026-01-30T10:00:00Z', { transactionId: 11 });
  await insertSample(api, '0001-01-01T00:00:00Z', { transactionId: 11, phase: 'L1', value: null, rawValue: 'x' });
  const ajv = schemasOf(document);
  await insertRest(api.sql);
  for (const { path, method, operation } of operationsOf(document)) {
    if (method !== 'get') continue;
    const own = path
      .replace('/transactions/{id}', '/transactions/11')
      .replace('/commands/{id}', `/commands/${COMMAND}`);
    const asked = own.replace('{id}', encodeURIComponent('CP/1 ü')).replace('{idTag}', 'TAG-a');
    for (const url of [asked, `${asked}?limit=1&nothing=1`]) {
      const { status, body } = await api.get(url);
      const media = Object.values(operation.responses[status]?.content ?? {})[0];
      assert.ok(media, `${url} answered ${status}`);
      const validate = ajv.compile(absolute(media.schema));
      assert.ok(validate(body), `${url}: ${ajv.errorsText(validate.errors)}`);
      if (Array.isArray(body.items)) assert.ok(body.items.length > 0, url);
    }
  }
});

const COMMAND = '00112233-4455-4677-8899-aabbccddeeff';

/** Rows of the tables that commands, the message log and operators fill. */
async function insertRest(sql: Awaited<ReturnType<typeof openApi>>['sql']): Promise<void> {
  const at = '2026-01-31T12:00:00Z';
  await sql`
    insert into command (command_id, charge_point_id, action, payload, status, requested_by, created_at, gateway_id,
      follow_status, follow_deadline)
    values (${COMMAND}, 'CP/1 ü', 'Reset', '{"type":"Hard"}', 'answered', 'operator', ${at}, 'g', 'waiting', ${at})`;
  await sql`
    insert into configuration_key (charge_point_id, key, value, reboot_required, known_at)
    values ('CP/1 ü', 'HeartbeatInterval', '60', true, ${at})`;
  await sql`
    insert into reservation (charge_point_id, reservation_id, connector_id, id_tag, expires_at, status, at)
    values ('CP/1 ü', 1, 1, 'Tag-A', ${at}, 'active', ${at})`;
  await sql`
    insert into charging_profile (charge_point_id, charging_profile_id, connector_id, stack_level, purpose, profile, at)
    values ('CP/1 ü', 1, 1, 0, 'TxDefaultProfile', '{"chargingProfileId":1}', ${at})`;
  await sql`
    insert into id_tag (id_tag, display_id_tag, expires_at, parent_id_tag) values ('tag-a', 'Tag-A', ${at}, 'tag-b')`;
  await sql`insert into flapping (charge_point_id, takeovers, first_at, last_at) values ('CP/1 ü', 6, ${at}, ${at})`;
  await sql`
    insert into unknown_charge_point (charge_point_id, attempts, first_at, last_at, address)
    values ('CP/2', 3, ${at}, ${at}, '203.0.113.1')`;
  await sql`
    insert into frame (at, charge_point_id, connection_id, gateway_id, direction, kind, message_id, action, text)
    values (${at}, 'CP/1 ü', 'c', 'g', 'in', 'call', 'm', 'Heartbeat', '[2,"m","Heartbeat",{}]')`;
}
