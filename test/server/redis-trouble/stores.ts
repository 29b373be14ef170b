import { systemClock } from '../../../protocol/clock.js';
import { RedisStore } from '../../../server/history/redis/redis-store.js';
import { envelope, settingsOf } from '../../../conformance/store/store-under-test.js';

/** A store, and its warnings for the operator. */
export interface WarningStore {
  readonly store: RedisStore;
  readonly warnings: readonly string[];
}

/** Opens a history with a usual dedupe window. Warnings of the opening are in the list at once. */
export async function openWarning(
  url: string,
  allowEviction = false,
  warnings: string[] = [],
): Promise<WarningStore> {
  const settings = settingsOf(systemClock, { entries: 1000, age: 3600n * 1_000_000_000n });
  const warn = (text: string): unknown => warnings.push(text);
  return { store: await RedisStore.open(url, settings, { allowEviction, warn }), warnings };
}

/** Opens a history. Throws if there is a warning. */
export async function openStore(url: string, allowEviction = false): Promise<RedisStore> {
  const { store, warnings } = await openWarning(url, allowEviction);
  if (warnings.length === 0) return store;
  await store.close();
  throw new Error(`warned: ${warnings.join('; ')}`);
}

/** Appends one envelope for each text, in one call. */
export async function appendTexts(store: RedisStore, ...texts: string[]): Promise<number[]> {
  const appended = await store.append(texts.map((text) => envelope(text)));
  return appended.map(({ offset }) => offset);
}
