import { systemClock } from '../../protocol/clock.js';
import { BROKER } from '../access/caller.js';
import type { Verdict } from '../access/audit.js';
import type { Broker } from '../broker/broker.js';
import type { Description, Retention } from '../broker/description.js';
import type { DurableConsumers } from '../consumers/durable-consumers.js';
import type { DiskSpace, DiskWatch } from '../disk-watch.js';
import type { Recorders } from '../recorders/recorders.js';
import type { BrokerCounts } from './broker-counts.js';
import { figuresOf, type ConsumerFigures } from './consumer-figures.js';
import { headroomSeconds } from './headroom.js';

/** The parts of the broker that metrics are about. */
export interface MetricSources {
  readonly statistics: BrokerCounts;
  readonly broker: Broker;
  readonly recorders: Recorders;
  readonly consumers: DurableConsumers;
  readonly waits: { readonly count: number };
  readonly isInRedis: boolean;
  readonly retention: Retention;
  readonly version: string;
  readonly disk: DiskWatch;
  /** How many checks of callers had which outcome. */
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** Lines of the audit that could not be written. */
  readonly lostAuditLines: () => number;
  /** Sources of the reasons why nothing can be stored. */
  readonly troubles: () => readonly { readonly source: string }[];
  /** Whether the clock has jumped, so that nothing is removed by age. */
  readonly isClockDoubtful: () => boolean;
}

/** The sources of metrics, and everything that had to be asked for. */
export interface Scrape extends MetricSources {
  /** Undefined while the store does not answer. */
  readonly described: Description | undefined;
  /** Undefined for a store that has no disk of its own. */
  readonly space: DiskSpace | undefined;
  readonly readers: ReaderState;
  /** Empty while the store of consumers does not answer. */
  readonly consumerFigures: readonly ConsumerFigures[];
  /** See `headroomSeconds`. */
  readonly headroom: number | undefined;
}

interface ReaderState {
  readonly live: number;
  readonly reading: number;
  /** Entries that the slowest reader has not considered, and the age of the oldest in seconds. */
  readonly lagEntries: number;
  readonly lagSeconds: number;
}

/** Asks for everything that is not counted. Never rejects: a broken part has no metrics. */
export async function scrape(sources: MetricSources): Promise<Scrape> {
  const { broker, disk } = sources;
  const [described, space] = await Promise.all([
    broker.describe(BROKER).catch(() => undefined),
    disk.space(),
  ]);
  const newest = described?.last?.offset ?? 0;
  const [readers, consumerFigures, headroom] = await Promise.all([
    readerState(broker, newest),
    figuresOf(sources.consumers, broker, newest).catch(() => []),
    headroomSeconds(broker, described, sources.retention, systemClock()).catch(() => undefined),
  ]);
  return { ...sources, described, space, readers, consumerFigures, headroom };
}

async function readerState(broker: Broker, newest: number): Promise<ReaderState> {
  const readers = broker.readers.list(BROKER);
  const live = readers.filter(({ isLive }) => isLive).length;
  const slowest = readers.reduce((least, { offset }) => Math.min(least, offset), newest);
  const lagEntries = newest - slowest;
  const oldest =
    lagEntries === 0 ? undefined : (await broker.entryAt(BROKER, slowest + 1))?.storedAt;
  const lagSeconds =
    oldest === undefined ? 0 : Math.max(0, Date.now() / 1000 - Number(oldest) / 1e9);
  return { live, reading: readers.length - live, lagEntries, lagSeconds };
}
