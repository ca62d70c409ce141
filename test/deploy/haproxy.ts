import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, outputOf, startChild } from '../support/child.ts';
import type { GatewayMember } from '../support/cluster.ts';
import { freePort } from '../support/free-port.ts';
import { projectFolder } from '../support/project.ts';
import { until } from '../support/until.ts';

/** A HAProxy of our own on 127.0.0.1, with the file that compose mounts. */
export type Haproxy = {
  /** Ends before the charge point id; wss. */
  readonly ocppUrl: string;
  /** https. */
  readonly apiUrl: string;
  /** Certificate that signs itself, PEM. */
  readonly certificate: string;
  readonly child: Child;
  /** Takes the configuration anew, as an operator would; resolves when the new process serves. */
  reload(): Promise<void>;
  /** Servers of a backend by name, `UP` or `DOWN` and so on. */
  states(backend?: 'chargers' | 'api'): Promise<Readonly<Record<string, string>>>;
  stop(): Promise<void>;
};

const CONFIGURATION = join(projectFolder, 'tools', 'compose', 'haproxy.cfg');

/** Gateways are ready within seconds, on a machine with nothing else to do. */
const START_MS = 60_000;

/** Why the checks that need HAProxy cannot run here; undefined when they can. */
export async function haproxyMissing(): Promise<string | undefined> {
  if ((await outputOf('haproxy', ['-v'])) === undefined) return 'haproxy is missing: apt-get install haproxy';
  if ((await outputOf('openssl', ['version'])) === undefined) return 'openssl is missing: apt-get install openssl';
  return undefined;
}

/** Starts it in front of up to three gateways, on free ports; resolves when all of them are up. `env` adds to its environment. */
export async function startHaproxy(
  gateways: readonly GatewayMember[],
  env: Readonly<Record<string, string>> = {},
): Promise<Haproxy> {
  const folder = await mkdtemp(join(tmpdir(), 'voltgate-haproxy-'));
  const certificate = await makeCertificate(folder);
  const [chargers, api, metrics] = [await freePort(), await freePort(), await freePort()];
  const child = await startChild('HAProxy', 'haproxy', ['-W', '-db', '-f', CONFIGURATION], {
    env: {
      PATH: process.env.PATH,
      CERTIFICATE: join(folder, 'certificate.pem'),
      CHARGERS_BIND: `127.0.0.1:${chargers}`,
      API_BIND: `127.0.0.1:${api}`,
      METRICS_BIND: `127.0.0.1:${metrics}`,
      HAPROXY_STATS_SOCKET: join(folder, 'stats.sock'),
      HAPROXY_MAXCONN: '5000',
      ...gatewaysOf(gateways),
      ...env,
    },
  });
  const apiUrl = `https://127.0.0.1:${api}`;
  const metricsUrl = `http://127.0.0.1:${metrics}/metrics`;

  async function metricsText(): Promise<string> {
    const response = await fetch(metricsUrl, { headers: { connection: 'close' } });
    return await response.text();
  }

  const haproxy: Haproxy = {
    ocppUrl: `wss://127.0.0.1:${chargers}/ocpp`,
    apiUrl,
    certificate,
    child,
    states: async (backend = 'chargers') => statesOf(await metricsText(), backend),
    async reload() {
      const workers = () => child.output().filter((line) => line.includes('New worker')).length;
      const before = workers();
      child.process.kill('SIGUSR2');
      await until(() => workers() > before, { what: 'a new worker of HAProxy', withinMs: START_MS });
      await allUp();
    },
    async stop() {
      await child.stop({ signal: 'SIGTERM' });
      await rm(folder, { recursive: true, force: true });
    },
  };

  async function allUp(): Promise<void> {
    await until(
      async () => {
        for (const backend of ['chargers', 'api'] as const)
          for (const [name, state] of Object.entries(await haproxy.states(backend)))
            if (state !== 'UP') throw new Error(`${backend}/${name} is ${state}`);
        return true;
      },
      { what: 'every gateway to be up at HAProxy', withinMs: START_MS, everyMs: 50 },
    );
  }

  try {
    await allUp();
  } catch (error) {
    const last = child.output().slice(-10).join('\n');
    await haproxy.stop();
    throw new Error(`HAProxy did not start; its last lines:\n${last}`, { cause: error });
  }
  return haproxy;
}

/** The environment that names the gateways. */
function gatewaysOf(gateways: readonly GatewayMember[]): Record<string, string> {
  return Object.assign(
    {},
    ...gateways.map((gateway, index) => {
      const name = `GATEWAY_${index + 1}`;
      const { opsUrl = gateway.apiUrl }: GatewayMember & { readonly opsUrl?: string } = gateway;
      return {
        [`${name}_HOST`]: '127.0.0.1',
        [`${name}_OCPP_PORT`]: new URL(gateway.ocppUrl).port,
        [`${name}_API_PORT`]: new URL(gateway.apiUrl).port,
        [`${name}_OPS_PORT`]: new URL(opsUrl).port,
      };
    }),
  );
}

async function makeCertificate(folder: string): Promise<string> {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'chain.pem')];
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1';
  const subject = ['-subj', '/CN=localhost', '-addext', names];
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate];
  if ((await outputOf('openssl', [...made, ...subject])) === undefined) throw new Error('openssl made no certificate');
  const text = await readFile(certificate, 'utf8');
  await writeFile(join(folder, 'certificate.pem'), `${text}${await readFile(key, 'utf8')}`, { mode: 0o600 });
  return text;
}

/** `haproxy_server_status{proxy="chargers",server="gateway-1",state="UP"} 1` */
function statesOf(text: string, backend: string): Record<string, string> {
  const pattern = /^haproxy_server_status\{proxy="([^"]+)",server="([^"]+)",state="([^"]+)"\} 1$/gm;
  const states: Record<string, string> = {};
  for (const [, proxy, server = '', state = ''] of text.matchAll(pattern))
    if (proxy === backend) states[server] = state;
  return states;
}
