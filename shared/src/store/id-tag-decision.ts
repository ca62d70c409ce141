import type { AuthorizationStatus, IdTagInfo } from '../ocpp16/types.ts';

/** An idTag as the operator set it up, with what is known of its parent. */
export type KnownIdTag = {
  readonly status: string;
  readonly expiresAt: Date | null;
  /** As it is shown; null = no group. */
  readonly parentIdTag: string | null;
  /** null when the tag has no parent or the parent is no known tag itself. */
  readonly parentStatus: string | null;
  readonly parentExpiresAt: Date | null;
  /** null = any number. */
  readonly maxActiveTransactions: number | null;
};

/**
 * The decision about an idTag at a time. `activeTransactions` is how many run on it, or null where that does not matter:
 * an Authorize while the tag is charging is how a driver stops. [OCPP 1.6, 4.1, 7.2]
 */
export function decideIdTag(tag: KnownIdTag | null, at: Date, activeTransactions: number | null): IdTagInfo {
  if (tag === null) return { status: 'Invalid' };
  return {
    status: statusOf(tag, at, activeTransactions),
    ...(tag.expiresAt && { expiryDate: tag.expiresAt.toISOString() }),
    ...(tag.parentIdTag !== null && { parentIdTag: tag.parentIdTag }),
  };
}

function statusOf(tag: KnownIdTag, at: Date, activeTransactions: number | null): AuthorizationStatus {
  const own = standing(tag.status, tag.expiresAt, at);
  if (own !== 'Accepted') return own;
  const parent = tag.parentStatus === null ? 'Accepted' : standing(tag.parentStatus, tag.parentExpiresAt, at);
  if (parent !== 'Accepted') return parent;
  const full =
    activeTransactions !== null &&
    tag.maxActiveTransactions !== null &&
    activeTransactions >= tag.maxActiveTransactions;
  return full ? 'ConcurrentTx' : 'Accepted';
}

function standing(status: string, expiresAt: Date | null, at: Date): AuthorizationStatus {
  if (status === 'Blocked' || status === 'Expired') return status;
  if (status !== 'Accepted') return 'Invalid';
  return expiresAt !== null && expiresAt <= at ? 'Expired' : 'Accepted';
}
