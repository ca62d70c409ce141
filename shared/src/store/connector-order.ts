/** What decides which of two statuses of a connector is the newer one. */
export type StatusStamp = {
  /** The earlier of the charger's time and ours. */
  readonly effectiveAt: Date;
  readonly receivedAt: Date;
  /** The charger's clock was plausible. */
  readonly plausible: boolean;
};

/**
 * True when `later` is to replace `kept`.
 *
 *   both clocks plausible                     the greater effectiveAt, then the greater receivedAt
 *   one of them not, one said before the boot the one said after the last boot
 *   one of them not                           the plausible one
 *   neither                                   the greater effectiveAt, then the greater receivedAt
 */
export function replaces(later: StatusStamp, kept: StatusStamp, bootAt: Date | null): boolean {
  if (!later.plausible || !kept.plausible) {
    const [laterLives, keptLives] = [isOfThisLife(later, bootAt), isOfThisLife(kept, bootAt)];
    if (laterLives !== keptLives) return laterLives;
    if (later.plausible !== kept.plausible) return later.plausible;
  }
  const difference = later.effectiveAt.getTime() - kept.effectiveAt.getTime();
  return difference === 0 ? later.receivedAt > kept.receivedAt : difference > 0;
}

function isOfThisLife(stamp: StatusStamp, bootAt: Date | null): boolean {
  return bootAt === null || stamp.receivedAt >= bootAt;
}
