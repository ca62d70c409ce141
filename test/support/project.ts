import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository. */
export const projectFolder = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');

/** Where everything a local run keeps is kept. */
export const stateFolder = join(projectFolder, '.voltgate');

/** Preloaded into every child, see there. */
export const endWithParent = new URL('./end-with-parent.mjs', import.meta.url).href;
