import type { FlappingReport } from '../ports.ts';
import { told } from './define.ts';

/** Charge points that two devices take from each other; any order. */
export const flapping = told<FlappingReport>('gateway.flapping', (store, reports) => store.flapping(reports));
