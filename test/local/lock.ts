import { readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { commandOf } from '../support/child.ts';
import { isAlive } from '../support/left-over.ts';

/**
 * Makes this process the only one that runs in the folder of `file`. Resolves to the function that gives it up again,
 * or to the id of the process that has it. A lock left by a killed process is taken over.
 */
export async function takeLock(file: string, mark: string): Promise<(() => Promise<void>) | number> {
  await mkdir(dirname(file), { recursive: true });
  for (;;) {
    try {
      await writeFile(file, `${process.pid}\n`, { flag: 'wx' });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number.parseInt(readFileSync(file, 'utf8'), 10);
    // Process ids are reused: only a process that looks like ours holds the lock.
    if (holder > 1 && isAlive(holder) && (await commandOf(holder))?.includes(mark)) return holder;
    await rm(file, { force: true });
  }
}
