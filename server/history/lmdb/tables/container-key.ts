import type { ContainerKey } from '../../store.js';

/** The key of a container in the table keys: namespace NUL id. */
export function encodeKey({ namespace, container }: ContainerKey): Buffer {
  return Buffer.from(`${namespace}\0${container}`);
}

/** Length in bytes of an encoded key. */
export function keyBytes({ namespace, container }: ContainerKey): number {
  return Buffer.byteLength(namespace) + 1 + Buffer.byteLength(container);
}

/** Writes an encoded key at `at`; returns the position after it. */
export function writeKey(
  bytes: Buffer,
  at: number,
  { namespace, container }: ContainerKey,
): number {
  const nul = at + bytes.write(namespace, at);
  bytes[nul] = 0;
  return nul + 1 + bytes.write(container, nul + 1);
}

export function decodeKey(stored: Buffer): ContainerKey {
  const end = stored.indexOf(0);
  return {
    namespace: stored.toString('utf8', 0, end),
    container: stored.toString('utf8', end + 1),
  };
}
