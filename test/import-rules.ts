import { readdir, readFile } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';

/** One import: both files relative to the project folder, or `to` the name of a package. */
export type Import = { readonly from: string; readonly to: string; readonly typeOnly: boolean };

/** What one source file imports and whether it reads `process.env`. */
export type Source = { readonly file: string; readonly imports: readonly Import[]; readonly readsEnvironment: boolean };

type Rule = {
  readonly says: string;
  readonly breaks: (one: Import) => boolean;
};

const SOURCES = ['shared/src', 'gateway/src', 'worker/src', 'migrations/src'];
const ENTRY = /^(?:gateway|worker|migrations)\/src\/(?:main|standalone)\.ts$/;
/** The entries, and what an entry is made of: the composition of a whole process. */
const COMPOSES = /^(?:gateway|worker)\/src\/(?:main|standalone|start-[a-z]+)\.ts$/;
const GATEWAY_MAY_STORE = /^gateway\/src\/(?:api\/|main\.ts|standalone\.ts|start-gateway\.ts)/;
const ADAPTER = /^shared\/src\/(?:redis|memory)\//;

const OPENTELEMETRY = 'shared/src/opentelemetry.ts';

/** Who may import whom. */
export const rules: readonly Rule[] = [
  {
    says: 'ocpp16 imports only TypeBox and the types of ports.ts',
    breaks: ({ from, to, typeOnly }) =>
      from.startsWith('shared/src/ocpp16/') &&
      !to.startsWith('shared/src/ocpp16/') &&
      packageOf(to) !== '@sinclair/typebox' &&
      !(to === 'shared/src/ports.ts' && typeOnly),
  },
  {
    says: 'ports.ts imports only ocpp16/{message,errors,types}',
    breaks: ({ from, to }) =>
      from === 'shared/src/ports.ts' && !/^shared\/src\/ocpp16\/(?:message|errors|types)\.ts$/.test(to),
  },
  {
    says: 'ioredis and bullmq only in shared/src/redis',
    breaks: ({ from, to }) => is(to, 'ioredis', 'bullmq') && !from.startsWith('shared/src/redis/'),
  },
  {
    says: 'drizzle and postgres only in shared/src/store and migrations',
    breaks: ({ from, to }) => is(to, 'drizzle-orm', 'postgres') && !/^(?:shared\/src\/store|migrations)\//.test(from),
  },
  {
    says: 'uWebSockets.js only in gateway/src/server.ts',
    breaks: ({ from, to }) => is(to, 'uWebSockets.js') && from !== 'gateway/src/server.ts',
  },
  {
    says: 'OpenTelemetry only in shared/src/opentelemetry.ts, which only tracing.ts imports',
    breaks: ({ from, to }) =>
      (to.startsWith('@opentelemetry/') && from !== OPENTELEMETRY) ||
      (to === OPENTELEMETRY && from !== 'shared/src/tracing.ts'),
  },
  {
    says: 'nobody imports an entry file',
    breaks: ({ to }) => ENTRY.test(to),
  },
  {
    says: 'only entry files choose adapters',
    breaks: ({ from, to }) => ADAPTER.test(to) && !ADAPTER.test(from) && !COMPOSES.test(from),
  },
  {
    says: "the chargers' path knows no database: in gateway only api/ may import the store",
    breaks: ({ from, to }) =>
      from.startsWith('gateway/src/') && to.startsWith('shared/src/store/') && !GATEWAY_MAY_STORE.test(from),
  },
  {
    says: 'shared imports neither gateway nor worker, and worker not gateway',
    breaks: ({ from, to }) =>
      (from.startsWith('shared/') && /^(?:gateway|worker|migrations)\//.test(to)) ||
      (from.startsWith('worker/') && to.startsWith('gateway/')),
  },
];

/** Every break of a rule, and every cycle, each as one line that names the file. */
export function importFaults(sources: readonly Source[]): string[] {
  const imports = sources.flatMap((source) => source.imports);
  const broken = rules.flatMap(({ says, breaks }) =>
    imports.filter(breaks).map(({ from, to }) => `${from} imports ${to}: ${says}`),
  );
  const environment = sources
    .filter(({ file, readsEnvironment }) => readsEnvironment && file !== 'shared/src/config.ts')
    .map(({ file }) => `${file} reads process.env: only config.ts may`);
  return [...broken, ...environment, ...cycles(imports)];
}

/** Reads the imports of every source file of the programs below the project folder. */
export async function readImports(projectFolder: string): Promise<Source[]> {
  const sources: Source[] = [];
  for (const folder of SOURCES) {
    const names = await readdir(join(projectFolder, folder), { recursive: true }).catch(() => []);
    for (const name of names.filter((each) => each.endsWith('.ts'))) {
      const path = join(projectFolder, folder, name);
      sources.push(parseSource(relative(projectFolder, path).split(sep).join('/'), await readFile(path, 'utf8')));
    }
  }
  return sources;
}

/** The imports in the text of one file. */
export function parseSource(file: string, text: string): Source {
  const code = text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
  const statements = code.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:([^'";]*?)\s+from\s+)?['"]([^'"]+)['"]/gm);
  const dynamic = code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g);
  const imports = [
    ...Array.from(statements, ([, type, names = '', to = '']) => ({
      from: file,
      to: resolved(file, to),
      typeOnly: !!type || onlyTypes(names),
    })),
    ...Array.from(dynamic, ([, to = '']) => ({ from: file, to: resolved(file, to), typeOnly: false })),
  ];
  return { file, imports, readsEnvironment: /\bprocess\.env\b/.test(code) };
}

/** `{ type A, type B }` */
function onlyTypes(names: string): boolean {
  const inner = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1];
  const parts =
    inner
      ?.split(',')
      .map((part) => part.trim())
      .filter(Boolean) ?? [];
  return parts.length > 0 && parts.every((part) => part.startsWith('type '));
}

function resolved(file: string, to: string): string {
  if (to.startsWith('.')) return posix.join(posix.dirname(file), to);
  const own = /^@voltgate\/([a-z]+)\/(.+)$/.exec(to);
  return own ? `${own[1]}/src/${own[2]}` : to;
}

function packageOf(to: string): string {
  return to
    .split('/')
    .slice(0, to.startsWith('@') ? 2 : 1)
    .join('/');
}

function is(to: string, ...packages: readonly string[]): boolean {
  return packages.includes(packageOf(to));
}

/** Cycles of values; types are erased and may go round. */
function cycles(imports: readonly Import[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to, typeOnly } of imports) if (!typeOnly) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) found.push(`cycle: ${[...path.slice(at), file].join(' -> ')}`);
    if (at >= 0 || done.has(file)) return;
    for (const to of next.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  return found;
}
