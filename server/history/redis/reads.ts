import { entrySize } from '../entry-size.js';
import type { Bounds, ContainerKey, Entry, ReadLimit, Scope } from '../store.js';
import { containerField, containerOfField, namespacePattern } from './keys.js';
import { parseRows } from './rows.js';
import { Script, type Reply } from './script.js';
import type { KnownHistory, Session } from './session.js';
import { sortableTime, timeOfSortable } from './sortable-time.js';

const READ = new Script('history', 'lineage', 'read');
const READ_COMMITS = new Script('history', 'lineage', 'read-commits');
const READ_CONTAINER = new Script('history', 'lineage', 'read-container');
const BOUNDS = new Script('history', 'lineage', 'bounds');
const OFFSET_AT = new Script('history', 'lineage', 'search', 'offset-at');
const CONTAINERS = new Script('history', 'lineage', 'containers');

export type Stream = 'entries' | 'exits';

/** Which rows are wanted: those after an offset, in order, and up to another one. */
export interface Range {
  readonly stream: Stream;
  readonly after: number;
  readonly to: number;
  readonly limit: ReadLimit;
}

/** Rows in a range. Rejects with OUT_OF_RANGE when entries after its beginning were trimmed. */
export async function readRows(
  session: Session,
  history: KnownHistory,
  { stream, after, to, limit }: Range,
): Promise<Entry[]> {
  const args = [stream, after, to, limit.entries, limit.bytes];
  return parseRows(await session.run(history, READ, { args }, after));
}

/** Whole commits after what was told, up to the one that has offset `to`. */
export async function readCommits(
  session: Session,
  history: KnownHistory,
  to: number,
  limit: ReadLimit,
): Promise<Entry[]> {
  const args = [to, limit.entries, limit.bytes];
  return parseRows(await session.run(history, READ_COMMITS, { args }));
}

/** Those of them in a scope. Rejects with DATA_LOSS when it is not known any more which they are. */
export async function readScope(
  session: Session,
  history: KnownHistory,
  { stream, after, to, limit }: Range,
  scope: Scope,
): Promise<Entry[]> {
  const sets = history.keys.setsOf(scope);
  const kind = scope.runsOnly ? 'runs' : 'all';
  const container = containerField(scope.key);
  const args = [stream, after, to, limit.entries, limit.bytes, kind, container];
  return parseRows(await session.run(history, READ_CONTAINER, { sets, args }, after));
}

/** See EventStore.offsetAt. */
export async function findTime(
  session: Session,
  history: KnownHistory,
  time: bigint,
): Promise<number> {
  return (await session.run(history, OFFSET_AT, { args: [sortableTime(time)] })) as number;
}

/** See EventStore.bounds. */
export async function readBounds(session: Session, history: KnownHistory): Promise<Bounds> {
  // As it is when the script is sent: the entry that it makes sure of.
  const { told } = history;
  const [first, firstStoredAt, firstTotal, keptExits, storedBytes] = (await session.run(
    history,
    BOUNDS,
  )) as [number, Buffer, number, number, number];
  const bounds = { first, last: told.offset, lastStoredAt: told.storedAt, keptExits, storedBytes };
  // All that there is may be younger than what was told.
  if (first > told.offset) return { ...bounds, firstStoredAt: 0n, entryBytes: 0 };
  return {
    ...bounds,
    firstStoredAt: timeOfSortable(firstStoredAt.toString('latin1')),
    entryBytes: told.total - firstTotal,
  };
}

/** Some containers of a namespace, and where to go on; a container may come more than once. */
export async function readContainers(
  session: Session,
  history: KnownHistory,
  namespace: string,
  cursor: string,
): Promise<{ containers: ContainerKey[]; next: string }> {
  const args = [cursor, namespacePattern(namespace)];
  const [next, fields] = (await session.run(history, CONTAINERS, { args })) as [Buffer, Reply[]];
  const containers = fields.map((field) => containerOfField(String(field)));
  return { containers, next: next.toString() };
}

/** How far the byte budget's sum grows by these entries. */
export function sizeOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { envelope }) => sum + entrySize(envelope.length), 0);
}
