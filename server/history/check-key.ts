import { FoghornError } from '../../protocol/errors.js';
import type { ContainerKey, EncodedEnvelope } from './store.js';

/** Far above the 76 bytes of containerd's identifiers, far below what any driver can hold. */
const MAX_BYTES = 1024;
const MAX_DEDUPE_BYTES = 160;

/** Throws INVALID_ARGUMENT when one of the envelopes has a key that a store does not take. */
export function checkKeys(envelopes: readonly EncodedEnvelope[]): void {
  for (const { filing, dedupeKey } of envelopes) {
    if (filing.key !== undefined) checkKey(filing.key);
    if (dedupeKey !== undefined) checkDedupeKey(dedupeKey);
  }
}

/** Throws INVALID_ARGUMENT for a key that a store does not take. */
export function checkKey({ namespace, container }: ContainerKey): void {
  // Drivers put a NUL between the two.
  if (namespace.includes('\0')) {
    throw new FoghornError('INVALID_ARGUMENT', 'expected a namespace without NUL');
  }
  // No character takes more than three bytes for each of its units, so most need not be counted.
  if (3 * (namespace.length + container.length) <= MAX_BYTES) return;
  const bytes = Buffer.byteLength(namespace) + Buffer.byteLength(container);
  if (bytes > MAX_BYTES) {
    throw new FoghornError(
      'INVALID_ARGUMENT',
      `expected a namespace and a container id of at most ${MAX_BYTES} bytes together, got ${bytes}`,
    );
  }
}

function checkDedupeKey({ length }: Uint8Array): void {
  if (length >= 1 && length <= MAX_DEDUPE_BYTES) return;
  throw new FoghornError(
    'INVALID_ARGUMENT',
    `expected a dedupe key of 1 to ${MAX_DEDUPE_BYTES} bytes, got ${length}`,
  );
}
