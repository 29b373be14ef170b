import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SeedSettings } from '../loads/seed-history.js';
import { startLoad } from '../support/load.js';
import { directoryOfRun } from '../support/temporary-directory.js';
import { EVENT_BYTES } from './event-bytes.js';

export const EVENTS_PER_CONTAINER = 100;
/** Disk space of an event with its keys and a reserve. */
const STORED_BYTES = EVENT_BYTES + 400;
const GIB = 1024 ** 3;

const filled = new Map<number, Promise<string>>();

/**
 * Resolves with the directory of a store that holds this many events, a hundred of each container.
 * It is filled on first use and shared by the whole run, so its users must not change it.
 */
export function ourHistory(events: number): Promise<string> {
  const known = filled.get(events);
  if (known !== undefined) return known;
  const directory = join(directoryOfRun(), 'store');
  const containers = Math.max(1, Math.round(events / EVENTS_PER_CONTAINER));
  const settings: SeedSettings = {
    store: `lmdb:${directory}`,
    events,
    bytes: EVENT_BYTES,
    containers,
  };
  const full = startLoad('seed-history', settings, undefined).then(async (program) => {
    await program.ended();
    return directory;
  });
  filled.set(events, full);
  return full;
}

/** Says why this machine has no space for a history of this length; undefined if it has. */
export function noRoomFor(events: number): string | undefined {
  if (filled.has(events)) return undefined;
  const { bavail, bsize } = statfsSync(tmpdir());
  const needed = events * STORED_BYTES;
  if (bavail * bsize >= needed) return undefined;
  return `needs ${(needed / GIB).toFixed(1)} GiB in ${tmpdir()}, where ${((bavail * bsize) / GIB).toFixed(1)} GiB are free`;
}
