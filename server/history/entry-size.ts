import { ENTRY_OVERHEAD } from './store.js';

/** The size of an entry, as `Bounds.entryBytes` counts it. */
export function entrySize(envelopeBytes: number): number {
  return envelopeBytes + ENTRY_OVERHEAD;
}
