import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../../protocol/clock.js';
import { LmdbStore } from '../../../../server/history/lmdb/lmdb-store.js';
import {
  envelope,
  settingsOf,
  type EnvelopeOptions,
} from '../../../../conformance/store/store-under-test.js';

/** Creates a fresh directory for each test of the calling suite. */
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
  return LmdbStore.open(directory, settingsOf(systemClock, DEDUPE_WINDOW));
}

/** The key of test entries. */
export const CONTAINER = 'default\0web';

/** Creates a history of these texts, all of one container, and closes it. */
export async function fillDirectory(
  directory: string,
  texts: readonly string[],
  options: EnvelopeOptions = {},
): Promise<void> {
  const store = await openIn(directory);
  await store.append(texts.map((text) => envelope(text, { key: CONTAINER, ...options })));
  await store.close();
}

/** Flips a bit in every copy of a text in the data file. */
export async function damageText(directory: string, text: string | Buffer): Promise<void> {
  const path = join(directory, 'data.mdb');
  const bytes = await readFile(path);
  let found = 0;
  for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at + 1), found++) {
    bytes[at + 3]! ^= 0x10;
  }
  expect(found).at.least(1);
  await writeFile(path, bytes);
}

/** A hash of each file, except LMDB's lock file, which every opening rewrites. */
export async function contentsOf(directory: string): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  for (const name of (await readdir(directory)).sort()) {
    if (name === 'lock.mdb') continue;
    const bytes = await readFile(join(directory, name));
    contents[name] = createHash('sha256').update(bytes).digest('hex');
  }
  return contents;
}
