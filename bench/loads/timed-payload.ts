import { events, pack, type Any } from '../../client/index.js';
import { sharedMicros } from './shared-clock.js';

const CONTAINER_ID = '7'.repeat(64);

/** A TaskCreate whose bundle holds the time of its creation, by `sharedMicros`. */
export function timedPayload(bytes: number): Any {
  const fields = { containerId: CONTAINER_ID, pid: 4711 };
  const bare = pack(events.TaskCreate, { ...fields, bundle: ' '.repeat(128) }).value.length - 128;
  const bundle = sharedMicros()
    .toFixed(0)
    .padEnd(bytes - bare);
  return pack(events.TaskCreate, { ...fields, bundle });
}

export function microsOf(payload: Uint8Array): number {
  return Number(events.TaskCreate.decode(payload).bundle);
}
