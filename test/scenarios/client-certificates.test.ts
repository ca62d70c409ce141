import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { outputOf, startChild } from '../support/child.ts';
import { undoAfter } from '../support/cleanup.ts';
import { freePort } from '../support/free-port.ts';
import { projectFolder } from '../support/project.ts';
import { until } from '../support/until.ts';
import { http } from './http.ts';
import { plugIn, Refused } from './plug.ts';
import { openStage } from './stage.ts';

const missing = (
  await Promise.all(
    [['haproxy', '-v'] as const, ['openssl', 'version'] as const].map(async ([name, flag]) =>
      (await outputOf(name, [flag])) ? [] : [name],
    ),
  )
).flat();
const skip = missing.length > 0 && `not on the PATH: ${missing.join(', ')}`;

test('through HAProxy a charger of profile 3 gets in by its certificate, nobody else by that name', {
  skip,
}, async (t) => {
  const stage = await openStage('standalone');
  undoAfter(t, () => stage.close());
  const [id, other, overTls] = [stage.newId(), stage.newId(), stage.newId()];
  await http(stage, '/api/v1/charge-points', { body: { chargePointId: id, securityProfile: 3 } });
  const withPassword = { chargePointId: overTls, securityProfile: 2, password: 'a password' };
  await http(stage, '/api/v1/charge-points', { body: withPassword });
  const { url, certificateOf } = await openProxy(t, new URL(stage.cluster.ocppUrls[0] ?? '').host);

  const plug = await plugIn(`${url}/${id}`, { certificate: await certificateOf(id) });
  undoAfter(t, () => plug.socket.terminate());
  assert.ok((await plug.ask('Heartbeat', {})).currentTime);
  const refused = (error: unknown) => error instanceof Refused && error.status === 401;
  const headers = { 'X-Client-Certificate': id };
  await assert.rejects(plugIn(`${url}/${id}`, { headers }), refused, 'the name without a certificate');
  await assert.rejects(
    plugIn(`${url}/${id}`, { headers, certificate: await certificateOf(other) }),
    refused,
    'of another',
  );
  await assert.rejects(
    plugIn(`${url}/${id}`, { certificate: await certificateOf(id, 'stranger') }),
    /alert|reset|hang up/,
  );

  const basic = { authorization: `Basic ${Buffer.from(`${overTls}:a password`).toString('base64')}` };
  const second = await plugIn(`${url}/${overTls}`, { headers: basic });
  undoAfter(t, () => second.socket.terminate());
  await assert.rejects(
    plugIn(`${stage.cluster.ocppUrls[0]}/${overTls}`, { headers: basic }),
    refused,
    'past the proxy',
  );
});

/** HAProxy with the lines of the manual and an authority of its own in front of a gateway. */
async function openProxy(t: TestContext, gateway: string) {
  const folder = await mkdtemp(join(tmpdir(), 'voltgate-haproxy-'));
  undoAfter(t, () => rm(folder, { recursive: true, force: true }));
  const manual = await readFile(join(projectFolder, 'docs/operations.md'), 'utf8');
  const lines = /^```haproxy\n([\s\S]*?)^```$/m.exec(manual)?.[1] ?? assert.fail('the manual has no lines for HAProxy');
  for (const name of ['authority', 'stranger']) await openssl(folder, 'req', ...newKey(name), '-x509', '-days', '2');
  const server = await certificateOf('127.0.0.1');
  await writeFile(join(folder, 'server.pem'), server.cert + server.key, { mode: 0o600 });
  const port = await freePort();
  const configuration = [
    'defaults\n  mode http\n  timeout connect 5s\n  timeout client 1m\n  timeout server 1m\n  timeout tunnel 1h',
    'frontend chargers',
    `  bind 127.0.0.1:${port} ssl crt ${join(folder, 'server.pem')} ca-file ${join(folder, 'authority.pem')} verify optional`,
    `${lines}  default_backend gateways`,
    `backend gateways\n  server gateway ${gateway}\n`,
  ];
  await writeFile(join(folder, 'haproxy.cfg'), configuration.join('\n'));
  const proxy = await startChild('HAProxy', 'haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')], { cwd: folder });
  undoAfter(t, () => proxy.stop());
  await until(() => {
    if (proxy.end()) throw new Error(proxy.output().join('\n'));
    return listens(port);
  });

  async function certificateOf(commonName: string, authority = 'authority') {
    const name = `${commonName}-${authority}`;
    await openssl(folder, 'req', ...newKey(name, commonName), '-out', `${name}.csr`);
    const from = ['-CA', `${authority}.pem`, '-CAkey', `${authority}.key`, '-CAcreateserial', '-days', '2'];
    await openssl(folder, 'x509', '-req', '-in', `${name}.csr`, ...from, '-out', `${name}.pem`);
    const [cert, key] = await Promise.all(
      ['pem', 'key'].map((end) => readFile(join(folder, `${name}.${end}`), 'utf8')),
    );
    return { cert: cert ?? '', key: key ?? '' };
  }

  return { url: `wss://127.0.0.1:${port}/ocpp`, certificateOf };
}

function newKey(name: string, commonName = name): string[] {
  const files = ['-keyout', `${name}.key`, '-out', `${name}.pem`];
  return ['-newkey', 'rsa:2048', '-nodes', '-subj', `/O=Site/CN=${commonName}`, ...files];
}

async function openssl(folder: string, ...args: readonly string[]): Promise<void> {
  const child = await startChild('openssl', 'openssl', args, { cwd: folder });
  const { code } = await child.ended;
  assert.equal(code, 0, child.output().join('\n'));
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
