import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { outputOf } from '../support/child.ts';
import { projectFolder } from '../support/project.ts';

/** A block of shell commands of a document, marked ```sh run=name. */
export type Block = { readonly name: string; readonly commands: string };

/** Who runs the blocks; undefined = we ourselves. */
export type Account = { readonly uid: number; readonly gid: number } | undefined;

const BLOCK = /^```sh run=([\w-]+)\n([\s\S]*?)^```$/gm;

/** The blocks of a document that are meant to be run, in its order. */
export async function runnableBlocks(document: string): Promise<Block[]> {
  const text = await readFile(join(projectFolder, document), 'utf8');
  return [...text.matchAll(BLOCK)].map(([, name = '', commands = '']) => ({ name, commands }));
}

/** Postgres refuses to run as root: then another account that every machine with Postgres or Linux has. */
export async function accountForBlocks(): Promise<Account> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const uid = Number.parseInt((await outputOf('id', ['-u', name])) ?? '', 10);
    const gid = Number.parseInt((await outputOf('id', ['-g', name])) ?? '', 10);
    if (uid > 0 && gid > 0) return { uid, gid };
  }
  throw new Error('running as root, and there is neither an account "postgres" nor "nobody" to run Postgres');
}

/** What of the commands is missing here, in words; undefined when nothing is. */
export async function missingFor(account: Account): Promise<string | undefined> {
  const commands = ['initdb', 'pg_ctl', 'psql', 'pg_dump', 'pg_basebackup', 'redis-server', 'curl', 'openssl', 'npm'];
  const script =
    'PATH=$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1); ' +
    `for name in ${commands.join(' ')}; do command -v $name >/dev/null || echo $name; done; ` +
    `test -r '${join(projectFolder, 'package.json')}' || echo 'a project folder that this account can read'`;
  const { output } = await runBlock({ name: 'tools', commands: script }, '/', {}, account);
  const missing = output.trim().split('\n').filter(Boolean);
  return missing.length > 0 ? `missing: ${missing.join(', ')}` : undefined;
}

/** Runs one block in a folder, stopping at the first command that fails or at the signal. Never rejects. */
export async function runBlock(
  { commands }: Block,
  folder: string,
  env: Readonly<Record<string, string>>,
  account: Account,
  signal?: AbortSignal,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = spawn('bash', ['-euc', commands], {
    cwd: folder,
    // Those of this repository come first: its pinned Node.js runs the programs.
    env: { PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`, HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...account,
    ...(signal && { signal }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return await new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, output: error.message }));
    // Not its streams: what a block leaves running may hold them.
    child.once('exit', (code) => setImmediate(() => resolve({ code, output })));
  });
}
