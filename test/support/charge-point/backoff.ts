/** How long to wait before attempt `failures + 1`: doubling from min to max, between half and all of it by chance. */
export function backoffMs(
  failures: number,
  { minMs, maxMs }: { readonly minMs: number; readonly maxMs: number },
  random: () => number,
): number {
  const ceilingMs = Math.min(maxMs, minMs * 2 ** Math.min(failures, 30));
  return ceilingMs / 2 + (random() * ceilingMs) / 2;
}
