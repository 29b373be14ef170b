import {
  classify,
  envelope,
  settingsOf,
  textsOf,
} from '../../conformance/store/store-under-test.js';
import { systemClock } from '../../protocol/clock.js';
import { FoghornError } from '../../protocol/errors.js';
import { LmdbStore } from '../../server/history/lmdb/lmdb-store.js';
import type { Damage, LastingReadResult, ReadResult } from '../../server/history/store.js';

const LIMIT = { entries: 1000, bytes: 1024 * 1024 };

/** The result of one kind of read over the whole history. */
export interface Found {
  /** Offset and text of each entry. */
  readonly entries: [number, string][];
  /** First and last offset of each damage. */
  readonly damages: [number, number][];
}

/** The content of a store, or why it was refused. */
export type Inspection =
  | { readonly kind: 'refused'; readonly reason: string }
  | {
      readonly kind: 'opened';
      /** Sentences for the operator, and damages that were reported. */
      readonly reports: readonly string[];
      readonly all: Found;
      readonly lasting: Found;
      readonly byKey: Readonly<Record<string, Found>>;
      readonly last: number;
      /** The offset of an entry that was appended. */
      readonly appended: number;
    };

/** Opens a store, reads all of it in every way, appends an entry, and closes it. */
export async function inspectStore(
  directory: string,
  keys: readonly string[],
): Promise<Inspection> {
  const reports: string[] = [];
  const onDamage = ({ from, to }: Damage): void => void reports.push(`damaged ${from} to ${to}`);
  const settings = { ...settingsOf(systemClock), classify, onDamage };
  let store: LmdbStore;
  try {
    store = await LmdbStore.open(directory, settings, { warn: (text) => reports.push(text) });
  } catch (error) {
    if (!(error instanceof FoghornError)) throw error;
    return { kind: 'refused', reason: error.message };
  }
  const all = await readAll((after) => store.read(after, LIMIT));
  const lasting = await readAll((after) => store.readLasting(after, LIMIT));
  const byKey: Record<string, Found> = {};
  for (const key of keys) {
    byKey[key] = await readAll((after) => store.read(after, LIMIT, key)).catch(allDamaged);
  }
  const { last } = await store.bounds();
  const [appended] = await store.append([envelope('appended')]);
  await store.close();
  return { kind: 'opened', reports, all, lasting, byKey, last, appended: appended!.offset };
}

/** A damaged index is reported by an error instead of entries. */
function allDamaged(error: unknown): Found {
  if (!(error instanceof FoghornError) || error.code !== 'DATA_LOSS') throw error;
  return { entries: [], damages: [[1, Number.MAX_SAFE_INTEGER]] };
}

async function readAll(
  read: (after: number) => Promise<ReadResult | LastingReadResult>,
): Promise<Found> {
  const found: Found = { entries: [], damages: [] };
  let after = 0;
  for (;;) {
    const result = await read(after);
    if (result.kind === 'trimmed') {
      after = result.first - 1;
    } else if (result.kind === 'damaged') {
      found.damages.push([result.from, result.to]);
      after = result.to;
    } else {
      if (result.entries.length === 0) return found;
      const texts = textsOf(result);
      result.entries.forEach(({ offset }, i) => found.entries.push([offset, texts[i]!]));
      after = result.entries.at(-1)!.offset;
    }
  }
}
