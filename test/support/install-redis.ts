import { access, rm, writeFile } from 'node:fs/promises';
import { outputOf, startChild } from './child.ts';

const POLICY = '/usr/sbin/policy-rc.d';

/**
 * Installs redis-server with the package manager of the system where that works without a question: apt-get as root,
 * Homebrew. No service is started. Resolves to undefined, or to the reason why not.
 */
export async function installRedis(progress: (text: string) => void): Promise<string | undefined> {
  if (process.platform === 'darwin' && (await outputOf('brew', ['--version']))) {
    progress('installing Redis with Homebrew');
    return await failureOf('brew', ['install', 'redis'], { HOMEBREW_NO_AUTO_UPDATE: '1' });
  }
  if (!(await outputOf('apt-get', ['--version']))) return 'no package manager that installs it without a question';
  if (process.getuid?.() !== 0) return 'apt-get needs root to install it';
  progress('installing redis-server with apt-get');
  return await withoutServices(async () => {
    const quiet = { DEBIAN_FRONTEND: 'noninteractive' };
    await failureOf('apt-get', ['update', '-q'], quiet);
    return await failureOf('apt-get', ['install', '-qy', '--no-install-recommends', 'redis-server'], quiet);
  });
}

/** Debian asks policy-rc.d whether a fresh package may start its service; ours says no. One that exists is kept. */
async function withoutServices<T>(work: () => Promise<T>): Promise<T> {
  const present = await access(POLICY).then(
    () => true,
    () => false,
  );
  if (present) return await work();
  await writeFile(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await work();
  } finally {
    await rm(POLICY, { force: true });
  }
}

async function failureOf(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const child = await startChild(command, command, args, { env: { ...process.env, ...env } });
  const end = await child.ended;
  if (end.code === 0) return undefined;
  return `${command} ${args.join(' ')} failed: ${child.output().at(-1) ?? 'no output'}`;
}
