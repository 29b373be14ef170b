import { join } from 'node:path';
import { systemClock } from '../protocol/clock.js';
import { beginningAt } from './clients/in-turn.js';
import { containerName } from './clients/publisher-settings.js';
import type { PublisherSettings } from './clients/publisher-settings.js';
import type { CrowdReader, ReaderSettings } from './clients/reader-settings.js';
import type { WaiterSettings } from './clients/waiter-settings.js';
import type { Random } from './random.js';
import { clientFile } from './records/round-files.js';
import type { Selection } from './records/selection.js';

/** Addresses of the brokers and directories for a round's clients. */
export interface RoundContext {
  readonly addresses: readonly string[];
  /** Directory of the records. */
  readonly directory: string;
  /** Directory of the spools. */
  readonly spools: string;
}

/** Plans publishers of all kinds, together about a thousand events a second. */
const PUBLISHERS = [
  { name: 'p0', namespace: 'default', atOnce: 1, pauseMs: 5, forwarded: 0.5, spools: false },
  { name: 'p1', namespace: 'k8s.io', atOnce: 40, pauseMs: 100, forwarded: 0.3, spools: false },
  { name: 'p2', namespace: 'default', atOnce: 10, pauseMs: 50, forwarded: 1, spools: false },
  { name: 'p3', namespace: 'k8s.io', atOnce: 20, pauseMs: 80, forwarded: 0.5, spools: true },
  { name: 'p4', namespace: 'default', atOnce: 1, pauseMs: 10, forwarded: 0.5, spools: true },
];
const CONTAINERS = 8;

export function planPublishers(
  { addresses, directory, spools }: RoundContext,
  random: Random,
): PublisherSettings[] {
  return PUBLISHERS.map(({ spools: hasSpool, ...publisher }, index) => ({
    ...publisher,
    addresses: beginningAt(addresses, index),
    record: join(directory, clientFile('publisher', publisher.name)),
    seed: random.seed(),
    containers: CONTAINERS,
    spool: hasSpool ? join(spools, publisher.name) : null,
  }));
}

const EVERYTHING: Selection = { anyOf: [] };
const EXITS: Selection = { anyOf: [{ topic: '/tasks/exit' }, { topic: '/tasks/delete' }] };
const CONTAINER: Selection = { anyOf: [], container: { namespace: 'default', id: 'p0-c0' } };

const SELECTIONS: readonly Selection[] = [
  EVERYTHING,
  EXITS,
  CONTAINER,
  { anyOf: [{ topic: '/tasks/exit', status: 137 }, { topic: '/tasks/create' }] },
  { anyOf: [{ namespace: 'k8s.io', topicPrefix: '/tasks/exec' }] },
  { anyOf: [{ container: 'p1-c0' }] },
  { anyOf: [{ namespace: 'default', container: 'p2-c1' }] },
  { anyOf: [{ container: 'unknown' }] },
];

/** Plans readers that follow, each a little different; `pauseMs` makes slow ones. */
const READERS = [
  { selection: EVERYTHING, start: 'earliest', gapPolicy: 'continue', pauseMs: 0 },
  { selection: EVERYTHING, start: 'now', gapPolicy: 'fail', pauseMs: 0 },
  { selection: EXITS, start: 'earliest', gapPolicy: 'continue', pauseMs: 0 },
  { selection: CONTAINER, start: 'earliest', gapPolicy: 'fail', pauseMs: 0 },
  { selection: SELECTIONS[3]!, start: 'earliest', gapPolicy: 'continue', pauseMs: 100 },
  { selection: SELECTIONS[4]!, start: 'since', gapPolicy: 'continue', pauseMs: 0 },
  { selection: SELECTIONS[5]!, start: 'now', gapPolicy: 'continue', pauseMs: 0 },
  { selection: SELECTIONS[7]!, start: 'earliest', gapPolicy: 'fail', pauseMs: 0 },
  { selection: EVERYTHING, start: 'earliest', gapPolicy: 'continue', pauseMs: 700 },
] as const;

export function planReaders({ addresses, directory }: RoundContext): ReaderSettings[] {
  return READERS.map(({ start, ...reader }, index) => ({
    ...reader,
    // Every third reader stays with its broker.
    addresses: beginningAt(addresses, index).slice(0, index % 3 === 2 ? 1 : undefined),
    record: join(directory, clientFile('reader', `r${index}`)),
    start: start === 'since' ? { since: ago(0) } : start,
    limit: null,
  }));
}

/** @param crowd number of earlier crowds */
export function planCrowd(
  { directory }: RoundContext,
  random: Random,
  crowd: number,
  readers: number,
): CrowdReader[] {
  return Array.from({ length: readers }, (_, index) => ({
    record: join(directory, clientFile('crowd', `${crowd}-${index}`)),
    selection: random.pick(SELECTIONS),
    gapPolicy: random.pick(['fail', 'continue']),
    start: random.pick(['earliest', 'now', 'after first', 'after last', { since: ago(1000) }]),
    pauseMs: 0,
    limit: random.between(1, 300),
  }));
}

export function planWaiter({ addresses, directory }: RoundContext, random: Random): WaiterSettings {
  return {
    addresses,
    record: join(directory, clientFile('waiter', 'w0')),
    seed: random.seed(),
    containers: PUBLISHERS.flatMap(({ name, namespace }) =>
      Array.from({ length: CONTAINERS }, (_, index) => ({
        namespace,
        id: containerName({ name }, index),
      })),
    ),
    atOnce: 8,
    patienceMs: 4000,
  };
}

/** Returns the time this many milliseconds ago, in nanoseconds since 1970. */
function ago(milliseconds: number): string {
  return (systemClock() - BigInt(milliseconds) * 1_000_000n).toString();
}
