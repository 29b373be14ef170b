import { entryTime } from '../entry-time.js';
import { joinPath, parseReadKey, type ReadKey } from '../key.js';
import { FoghornError } from '../../../protocol/errors.js';
import { intactUpTo } from '../read-limit.js';
import type { Bounds, Entry, ReadLimit, ReadResult } from '../store.js';
import { isIntact } from './packed-entries.js';
import { prefixPattern } from './keys.js';
import { checked, entriesOf, parseCommits, parseEntries } from './rows.js';
import { Script, type Reply } from './script.js';
import type { KnownHistory, Session } from './session.js';
import { sortableTime, timeOfSortable } from './sortable-time.js';

const READ = new Script('history', 'lineage', 'read');
const READ_LASTING = new Script('history', 'lineage', 'read-lasting');
const READ_KEYED = new Script('history', 'lineage', 'read-keyed');
const GROUPS_OF = new Script('history', 'lineage', 'groups-of');
const BOUNDS = new Script('history', 'lineage', 'bounds');
const STORED_BYTES = new Script('history', 'lineage', 'stored-bytes');
const OFFSET_AT = new Script('history', 'lineage', 'search', 'offset-at');
const KEYS = new Script('history', 'lineage', 'keys');

/** Reads the entries after an offset, up to another one. */
export async function readEntries(
  session: Session,
  history: KnownHistory,
  after: number,
  to: number,
  limit: ReadLimit,
): Promise<ReadResult> {
  const read = await readStored(session, history, after, to, limit);
  if (typeof read === 'number') return { kind: 'trimmed', first: read };
  return intactUpTo(limit, checked(read));
}

/** Like `readEntries`, unchecked and perhaps more; the first offset when entries were trimmed. */
export async function readStored(
  session: Session,
  history: KnownHistory,
  after: number,
  to: number,
  limit: ReadLimit,
): Promise<Iterable<Entry> | number> {
  const args = [after, to, limit.entries, limit.bytes];
  const reply = await session.read(history, READ, { args });
  return isTrimmed(reply) ? reply : entriesOf(parseCommits(reply), after, to);
}

/**
 * Reads whole commits after the newest delivered entry, up to the commit with offset `to`. Throws
 * DATA_LOSS for a damaged entry.
 */
export async function readCommits(
  session: Session,
  history: KnownHistory,
  to: number,
  limit: ReadLimit,
): Promise<Entry[]> {
  const after = history.delivered.offset;
  const args = [after, to, limit.entries, limit.bytes];
  const reply = await session.read(history, READ, { args });
  // A history that was trimmed beyond the newest delivered entry has failed as changed.
  if (isTrimmed(reply)) return [];
  const entries = [...entriesOf(parseCommits(reply), after, Infinity)];
  const damaged = entries.find((entry) => !isIntact(entry));
  if (damaged === undefined) return entries;
  throw new FoghornError(
    'DATA_LOSS',
    `entry ${damaged.offset} is damaged: it is not what was stored`,
  );
}

/** Reads the kept lasting entries after an offset, unchecked. */
export async function readLasting(
  session: Session,
  history: KnownHistory,
  after: number,
  limit: ReadLimit,
): Promise<Entry[]> {
  const args = [after, limit.entries, limit.bytes];
  return parseEntries(await session.read(history, READ_LASTING, { args }));
}

/** Reads entries or kept lasting entries under a key. Rejects with DATA_LOSS for lost lists. */
export async function readKeyed(
  session: Session,
  history: KnownHistory,
  kind: 'entries' | 'lasting',
  after: number,
  limit: ReadLimit,
  key: string,
): Promise<ReadResult> {
  const readKey = parseReadKey(key);
  const which = readKey.mainOnly ? 'main' : 'all';
  // Taken first, because the paths found later include those of every entry delivered until now.
  const to = history.delivered.offset;
  const paths = await findPaths(session, history, readKey);
  const lists = paths.flatMap((path) => history.keys.listsOf(path));
  const args = [kind, after, to, limit.entries, limit.bytes, which, ...paths];
  const reply = await session.read(history, READ_KEYED, { lists, args });
  if (isTrimmed(reply)) return { kind: 'trimmed', first: reply };
  return intactUpTo(limit, checked(parseEntries(reply)));
}

/** The scripts that read return the first offset instead of rows when entries were trimmed. */
function isTrimmed(reply: Reply): reply is number {
  return typeof reply === 'number';
}

async function findPaths(
  session: Session,
  history: KnownHistory,
  { path, name }: ReadKey,
): Promise<string[]> {
  if (path !== undefined) return [path];
  const reply = await session.read(history, GROUPS_OF, { args: [name] });
  return (reply as Reply[]).map((group) => joinPath(String(group), name));
}

/** See EventStore.offsetAt. */
export async function findTime(
  session: Session,
  history: KnownHistory,
  time: bigint,
): Promise<number> {
  const { offset: delivered } = history.delivered;
  const reply = await session.read(history, OFFSET_AT, { args: [sortableTime(time)] });
  const [first, ...found] = reply as [number, ...Reply[]];
  const [commit] = parseCommits(found);
  if (commit === undefined) return delivered + 1;
  let offset = commit.first;
  // The first entry that is late enough may have been trimmed from the commit.
  while (entryTime(commit.timeOf(offset), commit.storedAt) < time) offset += 1;
  return Math.max(first, offset);
}

/**
 * Returns the bounds up to the newest delivered entry, and the offset of the newest entry that
 * any broker has stored.
 */
export async function readBounds(
  session: Session,
  history: KnownHistory,
): Promise<{ bounds: Bounds; stored: number }> {
  // Taken before the script runs, because the script verifies this entry.
  const { delivered } = history;
  const [stored, first, firstStoredAt, firstTotal, lastingEntries] = (await session.read(
    history,
    BOUNDS,
  )) as [number, number, Buffer, number, number];
  const { offset: last, storedAt: lastStoredAt, total } = delivered;
  const isEmpty = first > last;
  const bounds = {
    first,
    last,
    firstStoredAt: isEmpty ? 0n : timeOfSortable(firstStoredAt.toString('latin1')),
    lastStoredAt,
    entryBytes: isEmpty ? 0 : total - firstTotal,
    lastingEntries,
  };
  return { bounds, stored };
}

/** See EventStore.storedBytes. */
export async function readStoredBytes(session: Session, history: KnownHistory): Promise<number> {
  return (await session.read(history, STORED_BYTES)) as number;
}

/** Reads some paths that begin with a prefix, and the next HSCAN cursor. Paths may repeat. */
export async function readPaths(
  session: Session,
  history: KnownHistory,
  prefix: string,
  cursor: string,
): Promise<{ paths: string[]; next: string }> {
  const args = [cursor, prefixPattern(prefix)];
  const [next, fields] = (await session.read(history, KEYS, { args })) as [Buffer, Reply[]];
  return { paths: fields.map(String), next: next.toString() };
}
