const CONNECTION_CODES = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/**
 * Classes and codes of SQLSTATE that say nothing against the statement itself: connection (08), serialization (40001) and
 * deadlock (40P01), resources (53), lock timeout (55P03), cancelled or shut down (57014, 57P), system (58), a transaction
 * that idled (25P03) or ran (25P04) too long, a primary that became a standby (25006). The last line is a server that was
 * set up wrongly or not migrated yet (password, database, rights, missing table or column): no letter is to blame for it,
 * and all of them would be given up.
 */
const TRANSIENT_STATES =
  /^(?:08...|40001|40P01|53...|55P03|57014|57P..|58...|25P03|25P04|25006|28...|3D000|42501|42P01|42703)$/;

/**
 * A row that was on its way to the default partition while its day got a partition of its own: routed anew it arrives. No
 * table has another check that a letter could break.
 */
const ROUTED_TOO_EARLY = '23514';

/** True when trying again may help. Looks through the causes of an error. */
export function isTransient(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) {
    const code = (at as { readonly code?: unknown }).code;
    if (typeof code !== 'string') continue;
    if (
      CONNECTION_CODES.has(code) ||
      code.startsWith('ECONN') ||
      TRANSIENT_STATES.test(code) ||
      code === ROUTED_TOO_EARLY
    )
      return true;
  }
  return false;
}
