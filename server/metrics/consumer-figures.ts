import { BROKER } from '../access/caller.js';
import type { Broker } from '../broker/broker.js';
import type { DurableConsumers, KnownConsumer } from '../consumers/durable-consumers.js';

/** Consumers with metrics of their own, the first by name; the rest are together. */
const MAX_CONSUMERS = 20;
const REST = 'other';

/** The figures of one consumer, or of several. */
export interface ConsumerFigures {
  readonly name: string;
  readonly lagEntries: number;
  /** Age of the oldest entry after the floor, wanted or not. */
  readonly lagSeconds: number;
  /** Age of the oldest event that is wanted and not acknowledged; 0 without members here. */
  readonly oldestSeconds: number;
  readonly inFlight: number;
  readonly acknowledged: number;
  readonly failed: number;
  readonly parked: number;
  readonly lost: number;
  readonly holdsExceeded: number;
}

interface WithConsumers {
  readonly consumerFigures: readonly ConsumerFigures[];
}

type ConsumerFigure = (figures: ConsumerFigures) => number;

/** Returns a figure of the consumers, whose name is the label. */
export function consumerSamples(
  figure: ConsumerFigure,
): (scrape: WithConsumers) => readonly (readonly [number, string])[] {
  return ({ consumerFigures }) => consumerFigures.map((each) => [figure(each), each.name]);
}

/**
 * Reads the figures of all consumers.
 *
 * @param last offset of the newest entry of the history
 */
export async function figuresOf(
  consumers: DurableConsumers,
  broker: Broker,
  last: number,
): Promise<readonly ConsumerFigures[]> {
  const known = await consumers.list(BROKER);
  const figures = await Promise.all(known.map((each) => oneOf(each, broker, last)));
  const own = figures.slice(0, MAX_CONSUMERS);
  return figures.length <= MAX_CONSUMERS ? own : [...own, together(figures.slice(MAX_CONSUMERS))];
}

async function oneOf(
  { snapshot, active, isHoldExceeded }: KnownConsumer,
  broker: Broker,
  last: number,
): Promise<ConsumerFigures> {
  const { name, counts, inFlight } = snapshot;
  const { offset } = active?.floor ?? snapshot.floor;
  const lagEntries = Math.max(0, last - offset);
  const next = lagEntries === 0 ? undefined : await broker.entryAt(BROKER, offset + 1);
  return {
    ...{ name, lagEntries, inFlight },
    lagSeconds: secondsSince(next?.storedAt),
    oldestSeconds: secondsSince(active?.oldestTime),
    acknowledged: counts.acknowledged,
    failed: counts.failedTries,
    parked: counts.parked,
    lost: counts.lostAtMost,
    holdsExceeded: isHoldExceeded ? 1 : 0,
  };
}

/** @param time ns since 1970 */
function secondsSince(time: bigint | undefined): number {
  return time === undefined ? 0 : Math.max(0, Date.now() / 1000 - Number(time) / 1e9);
}

/** The worst lags of several consumers, and the sums of the rest. */
function together(figures: readonly ConsumerFigures[]): ConsumerFigures {
  const most = (figure: ConsumerFigure): number => Math.max(...figures.map(figure));
  const sum = (figure: ConsumerFigure): number =>
    figures.reduce((total, each) => total + figure(each), 0);
  return {
    name: REST,
    lagEntries: most(({ lagEntries }) => lagEntries),
    lagSeconds: most(({ lagSeconds }) => lagSeconds),
    oldestSeconds: most(({ oldestSeconds }) => oldestSeconds),
    inFlight: sum(({ inFlight }) => inFlight),
    acknowledged: sum(({ acknowledged }) => acknowledged),
    failed: sum(({ failed }) => failed),
    parked: sum(({ parked }) => parked),
    lost: sum(({ lost }) => lost),
    holdsExceeded: sum(({ holdsExceeded }) => holdsExceeded),
  };
}
