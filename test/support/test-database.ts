import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { migrate } from '@voltgate/migrations/migrate.ts';
import postgres from 'postgres';

/** A database of its own for one test. */
export type TestDatabase = {
  readonly url: string;
  /** Ends its connections and drops it. */
  drop(): Promise<void>;
};

const MIGRATIONS = fileURLToPath(new URL('../../migrations/sql/', import.meta.url));

let template: Promise<string> | undefined;

/**
 * Makes a fresh, migrated, empty database on the server of POSTGRES_URL (a superuser's), as a copy of a template that the
 * first test of these migrations makes. Throws when POSTGRES_URL is not set.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  template ??= makeTemplate();
  const source = await template;
  const name = `voltgate_test_${process.pid}_${randomBytes(5).toString('hex')}`;
  await onServer((sql) => sql.unsafe(`create database ${name} template ${source}`));
  return {
    url: databaseUrl(name),
    drop: () => onServer((sql) => sql.unsafe(`drop database if exists ${name} with (force)`)),
  };
}

async function makeTemplate(): Promise<string> {
  const name = `voltgate_template_${await digestOfMigrations()}`;
  await onServer(async (sql) => {
    // Test files run side by side: one of them makes the template, the others wait for it.
    await sql`select pg_advisory_lock(hashtext(${name}))`;
    const [made] = await sql`select from pg_database where datname = ${name}`;
    if (made) return;
    const unfinished = `${name}_making`;
    await sql.unsafe(`drop database if exists ${unfinished} with (force)`);
    await sql.unsafe(`create database ${unfinished}`);
    await migrate(databaseUrl(unfinished));
    await sql.unsafe(`alter database ${unfinished} rename to ${name}`);
  });
  return name;
}

/** Of the migrations and the day: a template holds the partitions of the days around its own. */
async function digestOfMigrations(): Promise<string> {
  const hash = createHash('sha256').update(new Date().toISOString().slice(0, 10));
  const files = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort();
  for (const file of files) hash.update(file).update(await readFile(new URL(file, `file://${MIGRATIONS}`)));
  return hash.digest('hex').slice(0, 16);
}

async function onServer(act: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(serverUrl(), { max: 1, onnotice: () => undefined });
  try {
    await act(sql);
  } finally {
    await sql.end();
  }
}

function databaseUrl(name: string): string {
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return url.href;
}

function serverUrl(): string {
  const url = process.env.POSTGRES_URL;
  if (!url) throw new Error('POSTGRES_URL is not set: the URL of a Postgres superuser, or run the tests with npm test');
  return url;
}
