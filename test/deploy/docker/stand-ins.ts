import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { projectFolder, stateFolder } from '../../support/project.ts';
import { isOnPath, outcomeOf, run } from './command.ts';
import type { Engine } from './engine.ts';

type Progress = (text: string) => void;

/** The images that the Dockerfile, compose.yaml and the test suite ask for, and what stands in for each. */
const STAND_INS: Readonly<Record<string, string>> = {
  'node:22-bookworm-slim': 'node',
  'redis:7': 'redis',
  'postgres:18': 'postgres',
  'haproxy:3.2': 'haproxy',
  'prom/prometheus:v3.5.0': 'prometheus',
};
const DEBOOTSTRAP = 'voltgate-stand-in/debootstrap:1';
const DEBIAN = 'voltgate-stand-in/debian:1';
const MARK = 'org.voltgate.stand-in';
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
const PULL_MS = 120_000;

/**
 * Sees to it that the base images are there: those that are, or can be pulled, are the real ones; for the others stand-ins
 * are made from Debian packages and kept under the same names. Resolves to the names of the stand-ins, or to a text that
 * says what is missing to make them.
 */
export async function ensureBaseImages(engine: Engine, progress: Progress): Promise<readonly string[] | string> {
  const wanted: string[] = [];
  for (const image of Object.keys(STAND_INS)) if (!(await isReal(image, engine))) wanted.push(image);
  const [first, ...others] = wanted;
  if (first === undefined) return [];
  // One that cannot be pulled says it of all: there is no way to the registry.
  if (await pulls(first, engine, progress)) {
    for (const image of others) await run('docker', ['pull', '--quiet', image], { env: engine.env });
    return [];
  }
  return await makeStandIns(wanted, engine, progress);
}

async function makeStandIns(
  images: readonly string[],
  engine: Engine,
  progress: Progress,
): Promise<readonly string[] | string> {
  if (!(await exists(DEBOOTSTRAP, engine))) {
    if (!(await isOnPath('debootstrap')))
      return 'images cannot be pulled, and there is no debootstrap to make stand-ins';
    if (process.getuid?.() !== 0) return 'images cannot be pulled, and only root can make stand-ins';
  }
  const folder = join(stateFolder, 'stand-ins');
  await mkdir(folder, { recursive: true });
  await cp(new URL('stand-ins', import.meta.url).pathname, folder, { recursive: true });
  if (!(await exists(DEBOOTSTRAP, engine))) await importDebian(folder, engine, progress);
  await copyFile(CERTIFICATES, join(folder, 'ca-certificates.crt'));
  await copyFile(process.execPath, join(folder, 'node'));
  await packNpm(folder);
  progress(`making stand-ins for ${images.join(', ')} (what is unchanged is not made again)`);
  await build(DEBIAN, 'debian', folder, engine);
  for (const image of images) await build(image, STAND_INS[image] ?? image, folder, engine);
  return images;
}

/** The smallest Debian, half a minute on an idle machine. */
async function importDebian(folder: string, engine: Engine, progress: Progress): Promise<void> {
  progress('making a bare Debian with debootstrap');
  const root = join(folder, 'root');
  const archive = join(folder, 'root.tar');
  await rm(root, { recursive: true, force: true });
  await run('debootstrap', ['--variant=minbase', '--include=ca-certificates', 'bookworm', root]);
  await run('tar', ['--create', '--file', archive, '--directory', root, '.']);
  await run('docker', ['import', archive, DEBOOTSTRAP], { env: engine.env });
  await rm(root, { recursive: true, force: true });
  await rm(archive, { force: true });
}

/** npm as the official Node.js image has it, from its own package. */
async function packNpm(folder: string): Promise<void> {
  const target = join(folder, 'npm.tgz');
  if (existsSync(target)) return;
  const lines = await run('npm', ['pack', '--silent', '--pack-destination', folder, 'npm@10'], { cwd: folder });
  const made = lines.findLast((line) => line.trim().endsWith('.tgz'));
  if (!made) throw new Error(`npm pack named no file:\n${lines.join('\n')}`);
  await rename(join(folder, basename(made.trim())), target);
}

async function build(image: string, file: string, folder: string, engine: Engine): Promise<void> {
  const args = [
    'build',
    '--quiet',
    '--label',
    `${MARK}=1`,
    '--tag',
    image,
    '--file',
    join(folder, `${file}.Dockerfile`),
  ];
  await run('docker', [...args, folder], { env: engine.env, cwd: projectFolder });
}

async function pulls(image: string, engine: Engine, progress: Progress): Promise<boolean> {
  // A stand-in of an earlier run is proof enough.
  if (await exists(image, engine)) return false;
  progress(`pulling ${image}`);
  const { code } = await outcomeOf('docker', ['pull', '--quiet', image], { env: engine.env, timeoutMs: PULL_MS });
  return code === 0;
}

async function isReal(image: string, engine: Engine): Promise<boolean> {
  const format = `{{index .Config.Labels "${MARK}"}}`;
  const { code, lines } = await outcomeOf('docker', ['image', 'inspect', '--format', format, image], engine);
  return code === 0 && lines.at(-1) !== '1';
}

async function exists(image: string, engine: Engine): Promise<boolean> {
  return (await outcomeOf('docker', ['image', 'inspect', '--format', '{{.Id}}', image], engine)).code === 0;
}
