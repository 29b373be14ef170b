import { events, pack, type Any } from '../../client/index.js';

/** A TaskCreate padded by its bundle's path to exactly this size, 200 to 16,000 bytes. */
export function payloadOf(container: number, bytes: number): Any {
  const fields = { containerId: containerIdOf(container), pid: 4711 };
  // Lengths from 128 bytes to 16 KiB are encoded in two bytes, so the overhead is constant.
  const sample = pack(events.TaskCreate, { ...fields, bundle: '/'.padEnd(128, 'x') });
  const bundle = '/'.padEnd(128 + bytes - sample.value.length, 'x');
  return pack(events.TaskCreate, { ...fields, bundle });
}

/** The id of the n-th container: 64 hexadecimal digits, as in Docker. */
export function containerIdOf(container: number): string {
  return container.toString(16).padStart(64, '0');
}
