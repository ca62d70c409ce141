/**
 * Preloaded into child processes: when the parent is gone, however suddenly, the child ends as if it had been asked to.
 * The channel exists only when the parent opened one; it keeps nothing alive.
 */
if (process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
