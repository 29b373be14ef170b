import {
  filteredSubscribers,
  ownPublishes,
  publishesBySubscribers,
} from './filtered-subscribers.js';
import { memoryByLength, replayByLength } from './history-curves.js';
import type { Options } from './options.js';
import type { Curve, Row } from './row.js';
import { start } from './start.js';
import { stuckMemory } from './stuck-memory.js';
import { memoryBySubscribers, subscriberMemory } from './subscriber-memory.js';

/** What many subscribers, one that is stuck, and a long history cost. */
export function subscriberRows(options: Options): Row[] {
  return [
    filteredSubscribers(options, 1000, { reach: 10, stretch: 30 }),
    filteredSubscribers(options, 10_000, { reach: 100, stretch: 300 }),
    ownPublishes(options),
    subscriberMemory(options),
    stuckMemory(options),
    start(options),
  ];
}

/** How these grow. */
export function curves(options: Options): Curve[] {
  return [
    publishesBySubscribers(options),
    replayByLength(options),
    memoryBySubscribers(options),
    memoryByLength(options),
  ];
}
