import type { PresenceChange } from '../ports.ts';
import type { Pool } from './client.ts';

/** Being built. */
export async function movePresence(_sql: Pool, _given: readonly PresenceChange[]): Promise<void> {}
