import { events, pack, type Any } from '../../client/index.js';

/** A task that was created, in a bundle whose path is as long as it takes; 200 to 16,000 bytes. */
export function payloadOf(container: number, bytes: number): Any {
  const fields = { containerId: containerIdOf(container), pid: 4711 };
  // From 128 bytes up to 16 KiB, a length takes two bytes.
  const sample = pack(events.TaskCreate, { ...fields, bundle: '/'.padEnd(128, 'x') });
  const bundle = '/'.padEnd(128 + bytes - sample.value.length, 'x');
  return pack(events.TaskCreate, { ...fields, bundle });
}

/** The id of the n-th container: 64 hexadecimal digits, as Docker's are. */
export function containerIdOf(container: number): string {
  return container.toString(16).padStart(64, '0');
}
