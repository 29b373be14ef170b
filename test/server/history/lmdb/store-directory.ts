import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../../protocol/clock.js';
import { LmdbStore } from '../../../../server/history/lmdb/lmdb-store.js';
import {
  envelope,
  settingsOf,
  type EnvelopeOptions,
} from '../../../../conformance/store/store-under-test.js';

/** A directory of its own for every test of the suite that this is called in. */
export function freshDirectory(): () => string {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'foghorn-history-'));
  });
  afterEach(() => rm(directory, { recursive: true }));
  return () => directory;
}

const DEDUPE_WINDOW = { entries: 1_000_000, age: 3600n * 1_000_000_000n };

export function openIn(directory: string): Promise<LmdbStore> {
  return LmdbStore.open(directory, settingsOf(systemClock(), DEDUPE_WINDOW));
}

/** The container that test entries are filed under. */
export const CONTAINER = { namespace: 'default', container: 'web' };

/** Makes a history of these texts, all of one container, and closes it. */
export async function fillDirectory(
  directory: string,
  texts: readonly string[],
  options: EnvelopeOptions = {},
): Promise<void> {
  const store = await openIn(directory);
  await store.append(texts.map((text) => envelope(text, { key: CONTAINER, ...options })));
  await store.close();
}

/** What is on disk: a hash for each file. Without LMDB's lock file, which every opening makes anew. */
export async function contentsOf(directory: string): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  for (const name of (await readdir(directory)).sort()) {
    if (name === 'lock.mdb') continue;
    const bytes = await readFile(join(directory, name));
    contents[name] = createHash('sha256').update(bytes).digest('hex');
  }
  return contents;
}
