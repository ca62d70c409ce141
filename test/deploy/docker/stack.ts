import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.ts';
import { type Outcome, outcomeOf, run } from './command.ts';
import type { Engine } from './engine.ts';
import { projectName, removeLeftOvers } from './left-over.ts';

/** The project's compose.yaml, brought up under a name and on ports of its own. */
export type Stack = {
  /** Ends before the charge point id. */
  readonly ocppUrl: string;
  readonly apiUrl: string;
  /** Answers when the service `prometheus` was brought up, too. */
  readonly prometheusUrl: string;
  /** The certificate that both present. */
  readonly certificate: string;
  /** `docker compose <arguments>`; rejects unless it exits with 0. */
  compose(...args: readonly string[]): Promise<readonly string[]>;
  outcomeOfCompose(...args: readonly string[]): Promise<Outcome>;
  /** The id of the container of a service, running or not. */
  containerOf(service: string): Promise<string>;
  /** What `docker inspect` says of a container, as its template names it. */
  inspect(container: string, template: string): Promise<string>;
  /** Removes containers, networks, volumes and what was prepared. */
  down(): Promise<void>;
};

/** Tag of the images built here. */
export const VERSION = 'check';
const UP_MS = 300_000;

/** Prepares what compose.yaml needs, as its own script does, and brings it up. Rejects with the last lines of all logs. */
export async function startStack(engine: Engine, env: Readonly<Record<string, string>>): Promise<Stack> {
  await removeLeftOvers(engine);
  const folder = await mkdtemp(join(tmpdir(), 'voltgate-compose-'));
  await run('tools/compose/prepare', [], { env: { ...process.env, VOLTGATE_FOLDER: folder } });
  const certificate = await readFile(join(folder, '.voltgate/compose/certificate.pem'), 'utf8');
  const ports = {
    CHARGERS_PORT: String(await freePort()),
    HTTPS_API_PORT: String(await freePort()),
    PROMETHEUS_PORT: String(await freePort()),
  };
  const whole = { ...engine.env, VOLTGATE_VERSION: VERSION, ...ports, ...env };
  const [command, ...first] = engine.compose;
  const common = [...first, '--env-file', join(folder, '.env'), '--project-name', projectName];
  const outcomeOfCompose = (...args: readonly string[]) =>
    outcomeOf(command, [...common, ...args], { env: whole, timeoutMs: UP_MS });
  const compose = (...args: readonly string[]) => run(command, [...common, ...args], { env: whole, timeoutMs: UP_MS });
  const down = async () => {
    await outcomeOfCompose('down', '--volumes', '--timeout', '5');
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await compose('up', '--detach', '--no-build');
  } catch (error) {
    const logs = (await outcomeOfCompose('logs', '--tail', '5')).lines;
    await down();
    const said = error instanceof Error ? error.message : String(error);
    throw new Error(`compose did not come up: ${said}\n${logs.join('\n')}`, { cause: error });
  }
  return {
    ocppUrl: `wss://127.0.0.1:${ports.CHARGERS_PORT}/ocpp`,
    apiUrl: `https://127.0.0.1:${ports.HTTPS_API_PORT}`,
    prometheusUrl: `http://127.0.0.1:${ports.PROMETHEUS_PORT}`,
    certificate,
    compose,
    outcomeOfCompose,
    containerOf: async (service) => {
      // Of docker itself: docker-compose 1.29 lists no containers that have ended.
      const filters = { project: projectName, service, oneoff: 'False' };
      const flags = Object.entries(filters).flatMap(([key, value]) => [
        '--filter',
        `label=com.docker.compose.${key}=${value}`,
      ]);
      return (await run('docker', ['ps', '--all', '--quiet', '--no-trunc', ...flags], engine)).join('').trim();
    },
    inspect: async (container, template) =>
      (await run('docker', ['inspect', '--format', template, container], engine)).join('\n').trim(),
    down,
  };
}
