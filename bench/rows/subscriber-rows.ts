import {
  filteredSubscribers,
  ownPublishes,
  publishesBySubscribers,
} from './filtered-subscribers.js';
import { memoryByLength, replayByLength } from './history-curves.js';
import type { BenchOptions } from './options.js';
import type { Curve, Row } from './row.js';
import { start } from './start.js';
import { stuckMemory } from './stuck-memory.js';
import { memoryBySubscribers, subscriberMemory } from './subscriber-memory.js';

/** Rows about the cost of many subscribers, of a stuck one, and of a long history. */
export function subscriberRows(options: BenchOptions): Row[] {
  return [
    filteredSubscribers(options, 1000, { reach: 10, stretch: 30 }),
    filteredSubscribers(options, 10_000, { reach: 100, stretch: 300 }),
    ownPublishes(options),
    subscriberMemory(options),
    stuckMemory(options),
    start(options),
  ];
}

/** Curves of the same costs. */
export function curves(options: BenchOptions): Curve[] {
  return [
    publishesBySubscribers(options),
    replayByLength(options),
    memoryBySubscribers(options),
    memoryByLength(options),
  ];
}
