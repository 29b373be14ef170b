import { FoghornError } from '../../protocol/errors.js';
import { quotedExcerpt } from '../../protocol/excerpt.js';
import { isMainKey } from './key.js';
import type { NewEntry } from './store.js';

/** Far above the 76 bytes of containerd's identifiers, and within what every driver can hold. */
const MAX_KEY_BYTES = 1024;
const MAX_DEDUPE_KEY_BYTES = 160;

/** Throws INVALID_ARGUMENT when an entry has a key that stores do not take. */
export function checkEntries(entries: readonly NewEntry[]): void {
  for (const { key, dedupeKey } of entries) {
    if (key !== undefined) checkKey(key);
    if (dedupeKey !== undefined) checkDedupeKey(dedupeKey);
  }
}

function checkKey(key: string): void {
  const end = isMainKey(key) ? key.length - 1 : key.length;
  const nul = key.indexOf('\0');
  const next = nul === -1 ? -1 : key.indexOf('\0', nul + 1);
  const isFormed = nul > 0 && nul < end - 1 && (next === -1 || next === end);
  if (!isFormed) {
    throw new FoghornError(
      'INVALID_ARGUMENT',
      `expected a key of a group and a name without NUL, got ${quotedExcerpt(key)}`,
    );
  }
  // A UTF-16 unit takes at most three bytes, so most keys need not be counted.
  if (3 * end <= MAX_KEY_BYTES) return;
  const bytes = Buffer.byteLength(key) - (key.length - end) - 1;
  if (bytes > MAX_KEY_BYTES) {
    throw new FoghornError(
      'INVALID_ARGUMENT',
      `expected a key with a group and a name of at most ${MAX_KEY_BYTES} bytes, got ${bytes}`,
    );
  }
}

function checkDedupeKey({ length }: Uint8Array): void {
  if (length >= 1 && length <= MAX_DEDUPE_KEY_BYTES) return;
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `expected a dedupe key of 1 to ${MAX_DEDUPE_KEY_BYTES} bytes, got ${length}`,
  );
}
