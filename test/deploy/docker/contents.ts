import { run } from './command.ts';
import type { Engine } from './engine.ts';

/** What an image says of itself. */
export type Image = {
  /** Bytes, its base included. */
  readonly Size: number;
  readonly Config: {
    readonly User: string;
    readonly Entrypoint: readonly string[];
    readonly Cmd: readonly string[];
    readonly Labels: Readonly<Record<string, string>>;
    readonly Healthcheck?: { readonly Test: readonly string[] };
  };
};

/** The packages, native libraries and folders of an image. */
export type Contents = {
  readonly folders: readonly string[];
  readonly packages: readonly string[];
  readonly native: readonly string[];
  /** Of our own packages those that brought their TypeScript. */
  readonly sources: readonly string[];
};

/** What process 1 of a container is and may do. */
export type ProcessOne = {
  readonly name: string;
  readonly uid: number;
  /** Capabilities it has, and those that it could get: a bit mask each. */
  readonly capabilities: readonly string[];
  readonly noNewPrivileges: string;
  /** How writing a file in several places was refused. */
  readonly refused: readonly string[];
};

const LOOK_AROUND = `
const { readdirSync } = require('node:fs');
const list = (folder) => { try { return readdirSync(folder); } catch { return []; } };
const installed = list('node_modules/.pnpm');
const packages = installed.map((name) => name.replace(/@[^@]*$/, ''));
const native = installed.filter((name) => name.startsWith('uws-pack@'))
  .flatMap((name) => readdirSync('node_modules/.pnpm/' + name, { recursive: true }))
  .filter((file) => file.endsWith('.node'));
const sources = ['shared', 'gateway', 'worker', 'migrations'].filter((name) => list(name).includes('src'));
console.log(JSON.stringify({ folders: list('.').sort(), packages, native, sources }));
`;

const LOOK_AT_SELF = `
const { readFileSync, writeFileSync } = require('node:fs');
const write = (file) => { try { writeFileSync(file, ''); return 'written'; } catch (error) { return error.code; } };
const status = readFileSync('/proc/1/status', 'utf8');
const field = (name) => new RegExp('^' + name + ':\\\\s*(\\\\S+)', 'm').exec(status)[1];
console.log(JSON.stringify({
  name: readFileSync('/proc/1/comm', 'utf8').trim(), uid: Number(field('Uid')), noNewPrivileges: field('NoNewPrivs'),
  capabilities: [field('CapEff'), field('CapBnd')], refused: ['/app/x', '/tmp/x', '/x'].map(write),
}));
`;

/** Reads the settings of an image. */
export async function imageOf(name: string, engine: Engine): Promise<Image> {
  const [line = ''] = await run('docker', ['image', 'inspect', '--format', '{{json .}}', name], engine);
  return JSON.parse(line) as Image;
}

/** Looks into an image with its own Node.js. */
export async function contentsOf(image: string, engine: Engine): Promise<Contents> {
  const lines = await run('docker', ['run', '--rm', '--network', 'none', image, '-e', LOOK_AROUND], engine);
  return JSON.parse(lines.at(-1) ?? '') as Contents;
}

/** Looks at process 1 from within a running container of ours. */
export async function processOneOf(container: string, engine: Engine): Promise<ProcessOne> {
  const lines = await run('docker', ['exec', container, 'node', '-e', LOOK_AT_SELF], engine);
  return JSON.parse(lines.at(-1) ?? '') as ProcessOne;
}
