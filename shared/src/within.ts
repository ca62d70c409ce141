/** Waits for the work, at most `timeoutMs` (may be Infinity): resolves to whether it ended in time. Rejects as the work. */
export async function withinMs(timeoutMs: number, work: Promise<unknown>): Promise<boolean> {
  if (timeoutMs === Number.POSITIVE_INFINITY) return await work.then(() => true);
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  return await Promise.race([work.then(() => true), timeout]).finally(() => clearTimeout(timer));
}
