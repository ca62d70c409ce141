import type { CommandRecord } from '../ports.ts';
import type { Pool } from './client.ts';

/** Being built. */
export async function keepCommandRecords(_sql: Pool, _given: readonly CommandRecord[]): Promise<void> {}
