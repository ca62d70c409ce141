import { isAlive } from '../../support/left-over.ts';
import { run } from './command.ts';
import type { Engine } from './engine.ts';

const PREFIX = 'voltgate-check-';
const PROJECT = 'com.docker.compose.project';

/** The name of this run's compose project. */
export const projectName = `${PREFIX}${process.pid}`;

/** Removes the containers, networks and volumes of runs that were killed. */
export async function removeLeftOvers(engine: Engine): Promise<void> {
  const format = ['--format', `{{.Label "${PROJECT}"}}`, '--filter', `label=${PROJECT}`];
  const projects = new Set([
    ...(await run('docker', ['ps', '--all', ...format], engine)),
    ...(await run('docker', ['volume', 'ls', ...format], engine)),
  ]);
  for (const project of projects) {
    const pid = project.startsWith(PREFIX) ? Number(project.slice(PREFIX.length)) : Number.NaN;
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    const filter = ['--quiet', '--filter', `label=${PROJECT}=${project}`];
    await removeAll(['ps', '--all', ...filter], ['rm', '--force', '--volumes'], engine);
    await removeAll(['network', 'ls', ...filter], ['network', 'rm'], engine);
    await removeAll(['volume', 'ls', ...filter], ['volume', 'rm'], engine);
  }
}

async function removeAll(list: readonly string[], remove: readonly string[], engine: Engine): Promise<void> {
  const found = await run('docker', list, engine);
  if (found.length > 0) await run('docker', [...remove, ...found], engine);
}
