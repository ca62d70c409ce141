import type { FrameRecord } from '../ports.ts';
import type { Pool } from './client.ts';

/** Being built. */
export async function keepFrames(_sql: Pool, _given: readonly FrameRecord[]): Promise<void> {}
