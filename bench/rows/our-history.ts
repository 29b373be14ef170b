import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SeedSettings } from '../loads/seed-history.js';
import { startLoad } from '../support/load.js';
import { directoryOfRun } from '../support/temporary-directory.js';
import { EVENT_BYTES } from './event-bytes.js';

/** Of one container. */
export const EVENTS_PER_CONTAINER = 100;
/** What an event takes of the disk with all that is kept for it, and something to spare. */
const STORED_BYTES = EVENT_BYTES + 400;
const GIB = 1024 ** 3;

const filled = new Map<number, Promise<string>>();

/**
 * The directory of a store with so many events, a hundred of each container. It is filled when it
 * is first asked for and then serves the whole run, so whoever opens it must leave it as it is.
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

/** Why there can be no history with so many events on this machine; undefined when there can. */
export function noRoomFor(events: number): string | undefined {
  if (filled.has(events)) return undefined;
  const { bavail, bsize } = statfsSync(tmpdir());
  const needed = events * STORED_BYTES;
  if (bavail * bsize >= needed) return undefined;
  return `needs ${(needed / GIB).toFixed(1)} GiB in ${tmpdir()}, where ${((bavail * bsize) / GIB).toFixed(1)} GiB are free`;
}
