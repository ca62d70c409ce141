/** Plain JavaScript without dependencies, as the bootstrap runs before there are any. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('watchman.mjs', import.meta.url));

let watchman;

/** When this process is gone, even by SIGKILL, the child gets the signal, and SIGKILL if that is not enough. */
export function endWithUs(child, signal) {
  if (child.pid === undefined) return;
  watchman ??= startWatchman();
  const { stdin } = watchman;
  stdin.write(`${child.pid} ${signal}\n`);
  child.once('exit', () => stdin.write(`${child.pid}\n`));
}

/** In a session of its own: what ends us must not reach it. It keeps nobody alive. */
function startWatchman() {
  const child = spawn(process.execPath, [program], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  child.unref();
  child.stdin.unref();
  child.stdin.on('error', () => undefined);
  return child;
}
