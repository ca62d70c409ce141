/** `npm run build`: plain JavaScript of every package in its dist/, so that `node gateway/dist/main.js` runs it. */
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { projectFolder } from './support/project.ts';

/** A package finds the types of an earlier one in its dist/. */
const PACKAGES = ['shared', 'migrations', 'worker', 'gateway'];

for (const name of PACKAGES) {
  console.log(`- ${name}`);
  await rm(join(projectFolder, name, 'dist'), { recursive: true, force: true });
  const code = await compile(join(projectFolder, name, 'tsconfig.build.json'));
  if (code !== 0) process.exit(code);
}

async function compile(config: string): Promise<number> {
  const tsc = join(projectFolder, 'node_modules', '.bin', 'tsc');
  const child = spawn(tsc, ['-p', config], { cwd: projectFolder, stdio: ['ignore', 'inherit', 'inherit'] });
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
