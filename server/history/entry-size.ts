import { ENTRY_OVERHEAD } from './store.js';

/** What an entry adds to `Bounds.entryBytes`. */
export function entrySize(envelopeBytes: number): number {
  return envelopeBytes + ENTRY_OVERHEAD;
}
