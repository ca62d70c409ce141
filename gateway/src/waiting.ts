/** Runs over the items in batches, one after the other. Rejects at the first that fails. */
export async function inBatches<T>(
  items: readonly T[],
  size: number,
  run: (batch: readonly T[]) => Promise<unknown>,
): Promise<void> {
  for (let from = 0; from < items.length; from += size) await run(items.slice(from, from + size));
}
