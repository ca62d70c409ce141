/** `npm run check`: types, format and lint, import rules, generated documentation. Runs all, then says what failed. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { importFaults, readImports } from './import-rules.ts';
import { projectFolder } from './support/project.ts';

const bin = (name: string) => join(projectFolder, 'node_modules', '.bin', name);
const checks: readonly { readonly name: string; readonly run: () => Promise<boolean> }[] = [
  { name: 'types', run: () => succeeds(bin('tsc'), ['-p', '.']) },
  { name: 'types of k6', run: () => succeeds(bin('tsc'), ['-p', 'k6']) },
  { name: 'format and lint', run: () => succeeds(bin('biome'), ['check', '--error-on-warnings', '.']) },
  { name: 'import rules', run: importRules },
  { name: 'documentation', run: documentation },
];

const failed: string[] = [];
for (const { name, run } of checks) {
  console.log(`- ${name}`);
  if (!(await run())) failed.push(name);
}
console.log(failed.length === 0 ? 'All checks passed.' : `Failed: ${failed.join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function importRules(): Promise<boolean> {
  const faults = importFaults(await readImports(projectFolder));
  for (const fault of faults) console.error(fault);
  return faults.length === 0;
}

async function documentation(): Promise<boolean> {
  const entry = join(projectFolder, 'test', 'docs.ts');
  if (!existsSync(entry)) return true;
  return await succeeds(process.execPath, ['--import', 'tsx', '--conditions=development', entry, '--check']);
}

async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(command, args, { cwd: projectFolder, stdio: ['ignore', 'inherit', 'inherit'] });
  return await new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(error.message);
      resolve(false);
    });
    child.once('exit', (code) => resolve(code === 0));
  });
}
