/**
 * Waits for a condition, never for a time: resolves with the first truthy value, rejects after `withinMs` naming what it
 * last saw or the error it last met.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { withinMs = 30_000, everyMs = 10, what = condition.toString() } = {},
): Promise<Exclude<NonNullable<T>, false>> {
  const endMs = Date.now() + withinMs;
  let last: unknown;
  do {
    try {
      const value = await condition();
      if (value) return value as Exclude<NonNullable<T>, false>;
      last = value;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  } while (Date.now() < endMs);
  throw new Error(`not within ${withinMs} ms: ${what}`, { cause: last });
}
