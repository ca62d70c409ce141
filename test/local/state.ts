import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';

/** The API key of this folder: made once, readable by its owner only. */
export async function keptApiKey(stateFolder: string): Promise<string> {
  const file = join(stateFolder, 'api-key');
  const known = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (known) return known;
  const key = randomBytes(24).toString('base64url');
  await writeFile(file, `${key}\n`, { mode: 0o600 });
  return key;
}

/** The URL of the database `voltgate` on that server, created when it is not there. */
export async function ownDatabase(serverUrl: string): Promise<string> {
  const sql = postgres(serverUrl, { max: 1, onnotice: () => undefined });
  try {
    const [found] = await sql`select 1 from pg_database where datname = 'voltgate'`;
    if (!found) await sql`create database voltgate`;
  } finally {
    await sql.end();
  }
  const url = new URL(serverUrl);
  url.pathname = '/voltgate';
  return url.href;
}

/** A sink for the programs' log lines: one file per program, begun anew with every start. */
export async function openLogs(stateFolder: string): Promise<{
  readonly folder: string;
  write(id: string, line: string): void;
}> {
  const folder = join(stateFolder, 'logs');
  await mkdir(folder, { recursive: true });
  const begun = new Set<string>();
  return {
    folder,
    write(id, line) {
      const flag = begun.has(id) ? 'a' : 'w';
      begun.add(id);
      // Synchronous, so that the last words of a dying run are there; these are few lines.
      appendFileSync(join(folder, `${id}.log`), `${line}\n`, { flag });
    },
  };
}
