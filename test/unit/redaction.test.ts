import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redact } from '@voltgate/shared/redaction.ts';

const policy = { idTags: true };
const open = { idTags: false };
const DIGEST = /"sha256:[0-9a-f]{8}"/;

test('a frame without secrets is kept as sent, to the last blank', () => {
  const text = '[2, "1","MeterValues",{"connectorId":1 ,"transactionId":98765432109876543210,"meterValue":[]}]';
  assert.equal(redact(text, policy), text);
});

test('idTags become a digest that knows its tag again, whatever its case, in requests, answers and lists', () => {
  const asked = redact('[2,"1","Authorize",{"idTag":"Secret-Tag"}]', policy);
  assert.match(asked, DIGEST);
  assert.doesNotMatch(asked, /Secret-Tag/);
  const digest = DIGEST.exec(asked)?.[0] ?? '';
  const others = [
    '[3,"1",{"idTagInfo":{"status":"Accepted","parentIdTag":"SECRET-TAG"}}]',
    '[2,"2","SendLocalList",{"localAuthorizationList":[{"idTag":"secret-tag"}]}]',
    '[2,"3","RemoteStartTransaction",{"\\u0069dTag":"Secret-Tag"}]',
  ];
  for (const text of others) {
    assert.ok(redact(text, policy).includes(digest), text);
    assert.doesNotMatch(redact(text, policy), /secret-tag/i);
  }
});

test('idTags are shown when the policy says so; ids of any size keep their digits', () => {
  const text = '[2,"1","StopTransaction",{"idTag":"TAG","transactionId":98765432109876543210}]';
  assert.equal(redact(text, open), text);
  assert.match(redact(text, policy), /98765432109876543210/);
});

test('an AuthorizationKey is never shown, in whatever case its key is written', () => {
  for (const text of [
    '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"c0ffee"}]',
    '[2,"1","ChangeConfiguration",{"value":"c0ffee","key":"authorizationkey"}]',
    '[3,"1",{"configurationKey":[{"key":"AuthorizationKey","readonly":false,"value":"c0ffee"}]}]',
    '[3,"1",{"configurationKey":[{"key":"WifiPassword","value":"c0ffee"}]}]',
  ]) {
    assert.match(redact(text, open), /"\*\*\*"/);
    assert.doesNotMatch(redact(text, open), /c0ffee/);
  }
  const other = '[2,"1","ChangeConfiguration",{"key":"HeartbeatInterval","value":"300"}]';
  assert.equal(redact(other, open), other);
});

test('passwords are never shown: as fields, in URLs, in JSON within a string', () => {
  const cases = [
    '[2,"1","DataTransfer",{"vendorId":"V","data":{"password":"hunter2"}}]',
    '[2,"1","GetDiagnostics",{"location":"ftp://user:hunter2@files.example/up"}]',
    JSON.stringify([2, '1', 'DataTransfer', { vendorId: 'V', data: JSON.stringify({ password: 'hunter2' }) }]),
  ];
  for (const text of cases) assert.doesNotMatch(redact(text, open), /hunter2/, text);
  assert.match(redact(cases[1] ?? '', open), /ftp:\/\/user:\*\*\*@files\.example\/up/);
});

test('what may hold a secret and cannot be read is hidden whole', () => {
  for (const text of ['[2,"1","Authorize",{"idTag":"Secr', `${'['.repeat(200_000)}"idTag"`, '{"\\u0069dTag":"Secr']) {
    assert.match(redact(text, policy), /^\*\*\* \(\d+ characters\)$/);
  }
  const deep = `${'['.repeat(200_000)}"://idTag"${']'.repeat(200_000)}`;
  assert.match(redact(deep, policy), /^\*\*\* /);
  assert.equal(redact('hello', policy), 'hello');
});
