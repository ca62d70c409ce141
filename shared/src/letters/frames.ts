import type { FrameRecord } from '../ports.ts';
import { told } from './define.ts';

/** Frames for the message log. */
export const frames = told<readonly FrameRecord[]>('gateway.frames', (store, sets) => store.frames(sets.flat()));
