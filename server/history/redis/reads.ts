import { entryTime } from '../entry-time.js';
import { upTo } from '../read-limit.js';
import type { Bounds, ContainerKey, Entry, ReadLimit, Scope } from '../store.js';
import { containerField, containerOfField, namespacePattern } from './keys.js';
import { entriesOf, parseCommits, parseEntries } from './rows.js';
import { Script, type Reply } from './script.js';
import type { KnownHistory, Session } from './session.js';
import { sortableTime, timeOfSortable } from './sortable-time.js';

const READ = new Script('history', 'lineage', 'read');
const READ_EXITS = new Script('history', 'lineage', 'read-lasting');
const READ_CONTAINERS = new Script('history', 'lineage', 'read-keyed');
const NAMESPACES_OF = new Script('history', 'lineage', 'groups-of');
const BOUNDS = new Script('history', 'lineage', 'bounds');
const OFFSET_AT = new Script('history', 'lineage', 'search', 'offset-at');
const CONTAINERS = new Script('history', 'lineage', 'keys');

/** The entries after an offset, up to another one. Rejects with OUT_OF_RANGE when some of them were trimmed. */
export async function readEntries(
  session: Session,
  history: KnownHistory,
  after: number,
  to: number,
  limit: ReadLimit,
): Promise<Entry[]> {
  const args = [after, to, limit.entries, limit.bytes];
  const commits = parseCommits(await session.run(history, READ, { args }, after));
  return upTo(limit, entriesOf(commits, after, to));
}

/** Whole commits after what was told, up to the one that has offset `to`. */
export async function readCommits(
  session: Session,
  history: KnownHistory,
  to: number,
  limit: ReadLimit,
): Promise<Entry[]> {
  const after = history.told.offset;
  const args = [after, to, limit.entries, limit.bytes];
  const commits = parseCommits(await session.run(history, READ, { args }, after));
  return [...entriesOf(commits, after, Infinity)];
}

/** Kept exits after an offset. */
export async function readExits(
  session: Session,
  history: KnownHistory,
  after: number,
  limit: ReadLimit,
): Promise<Entry[]> {
  const args = [after, limit.entries, limit.bytes];
  return parseEntries(await session.run(history, READ_EXITS, { args }));
}

/**
 * Those of either that are in a scope. Rejects with DATA_LOSS when it is not known any more which they are, and as
 * `readEntries`.
 */
export async function readScope(
  session: Session,
  history: KnownHistory,
  kind: 'entries' | 'exits',
  after: number,
  limit: ReadLimit,
  scope: Scope,
): Promise<Entry[]> {
  const which = scope.lifecycleOnly ? 'life' : 'all';
  // First: whatever has been told until now is of containers that are found.
  const to = history.told.offset;
  const containers = await findContainers(session, history, scope.key);
  const lists = containers.flatMap((key) => history.keys.listsOf(key));
  const fields = containers.map(containerField);
  const args = [kind, after, to, limit.entries, limit.bytes, which, ...fields];
  return parseEntries(await session.run(history, READ_CONTAINERS, { lists, args }, after));
}

async function findContainers(
  session: Session,
  history: KnownHistory,
  { namespace, container }: Scope['key'],
): Promise<ContainerKey[]> {
  if (namespace !== undefined) return [{ namespace, container }];
  const reply = await session.run(history, NAMESPACES_OF, { args: [container] });
  return (reply as Reply[]).map((name) => ({ namespace: String(name), container }));
}

/** See EventStore.offsetAt. */
export async function findTime(
  session: Session,
  history: KnownHistory,
  time: bigint,
): Promise<number> {
  const { offset: told } = history.told;
  const reply = await session.run(history, OFFSET_AT, { args: [sortableTime(time)] });
  const [first, ...found] = reply as [number, ...Reply[]];
  const [commit] = parseCommits(found);
  if (commit === undefined) return told + 1;
  let offset = commit.first;
  // What was trimmed of it may be what has reached the time.
  while (entryTime(commit.timeOf(offset), commit.storedAt) < time) offset += 1;
  return Math.max(first, offset);
}

/** See EventStore.bounds, as of what is told; `stored` is the newest entry that anybody has appended. */
export async function readBounds(
  session: Session,
  history: KnownHistory,
): Promise<{ bounds: Bounds; stored: number }> {
  // As it is when the script is sent: the entry that it makes sure of.
  const { told } = history;
  const [stored, first, firstStoredAt, firstTotal, keptExits, storedBytes] = (await session.run(
    history,
    BOUNDS,
  )) as [number, number, Buffer, number, number, number];
  const { offset: last, storedAt: lastStoredAt, total } = told;
  const isEmpty = first > last;
  const bounds = {
    first,
    last,
    firstStoredAt: isEmpty ? 0n : timeOfSortable(firstStoredAt.toString('latin1')),
    lastStoredAt,
    storedBytes,
    entryBytes: isEmpty ? 0 : total - firstTotal,
    keptExits,
  };
  return { bounds, stored };
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
