import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, outputOf, startChild } from '../../support/child.ts';
import { endLeftOver } from '../../support/left-over.ts';
import { stateFolder } from '../../support/project.ts';
import { until } from '../../support/until.ts';
import { isOnPath, run } from './command.ts';

/** A Docker engine and the Compose that speaks to it. */
export type Engine = {
  readonly where: string;
  /** For every program that is to find it. */
  readonly env: NodeJS.ProcessEnv;
  /** The command and its first arguments. */
  readonly compose: readonly [string, ...string[]];
  /** Ends it if it was started here. */
  stop(): Promise<void>;
};

type Progress = (text: string) => void;

const PACKAGES = ['docker.io', 'docker-compose', 'debootstrap'];
const START_MS = 60_000;
const nothing = async () => undefined;

/**
 * The engine that runs (DOCKER_HOST or the usual socket), else one of our own where dockerd is installed and we are root.
 * With INSTALL_DOCKER=yes Debian's packages are installed before. A text says what is missing.
 */
export async function findEngine(progress: Progress): Promise<Engine | string> {
  if (process.env.INSTALL_DOCKER === 'yes') await install(progress);
  if (!(await isOnPath('docker'))) return 'no docker on the PATH (INSTALL_DOCKER=yes installs it on Debian)';
  const compose = await findCompose();
  if (!compose) return 'neither docker compose nor docker-compose is installed';
  if (await versionOf(process.env)) {
    const where = process.env.DOCKER_HOST ?? 'the running Docker engine';
    return { where, env: process.env, compose, stop: nothing };
  }
  if (!(await isOnPath('dockerd'))) return 'no Docker engine runs, and there is no dockerd to start one';
  if (process.getuid?.() !== 0) return 'no Docker engine runs, and only root may start one';
  return await startOwn(compose, progress);
}

/** Its images stay in `.voltgate/docker`, so that the next run builds in seconds. */
async function startOwn(compose: Engine['compose'], progress: Progress): Promise<Engine | string> {
  progress('starting a Docker engine of our own');
  const data = join(stateFolder, 'docker');
  const pidFile = join(stateFolder, 'docker.pid');
  await mkdir(stateFolder, { recursive: true });
  await endLeftOver(pidFile, data, 'SIGTERM');
  // Short: the path of a socket has 108 bytes at most.
  const folder = await mkdtemp(join(tmpdir(), 'voltgate-docker-'));
  const host = `unix://${folder}/docker.sock`;
  const child = await startChild('dockerd', 'dockerd', [
    ...['--data-root', data, '--exec-root', join(folder, 'exec')],
    ...['--host', host, '--pidfile', pidFile],
  ]);
  const stop = async () => {
    await child.stop({ timeoutMs: 30_000 });
    await rm(folder, { recursive: true, force: true });
  };
  const env = { ...process.env, DOCKER_HOST: host };
  const answers = until(async () => child.end() !== undefined || (await versionOf(env)), {
    withinMs: START_MS,
    everyMs: 250,
    what: 'dockerd answers',
  }).catch(() => undefined);
  if ((await answers) && child.end() === undefined) return { where: 'a Docker engine of our own', env, compose, stop };
  const why = lastWords(child);
  await stop();
  return `Docker cannot run here: dockerd said: ${why}`;
}

async function install(progress: Progress): Promise<void> {
  progress(`installing ${PACKAGES.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-q'], { env });
  await run('apt-get', ['install', '-qy', '--no-install-recommends', ...PACKAGES], { env });
}

async function findCompose(): Promise<Engine['compose'] | undefined> {
  if (await outputOf('docker', ['compose', 'version'])) return ['docker', 'compose'];
  return (await isOnPath('docker-compose')) ? ['docker-compose'] : undefined;
}

async function versionOf(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const host = env.DOCKER_HOST ? ['--host', env.DOCKER_HOST] : [];
  return await outputOf('docker', [...host, 'version', '--format', '{{.Server.Version}}']);
}

function lastWords(child: Child): string {
  return child.output().at(-1) ?? 'nothing';
}
