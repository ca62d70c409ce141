import type { CommandRecord } from '../ports.ts';
import { told } from './define.ts';

/** Where commands stand; any order. */
export const commandRecords = told<readonly CommandRecord[]>('gateway.command-records', (store, sets) =>
  store.commandRecords(sets.flat()),
);
