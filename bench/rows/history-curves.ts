import type { HistoryReaderSettings } from '../loads/history-reader.js';
import type { ReadThroughReport } from '../loads/read-through.js';
import { BrokerAtRest } from '../servers/broker-at-rest.js';
import { FOGHORN } from '../servers/foghorn.js';
import { startLoad } from '../support/load.js';
import { MemoryPeak } from '../support/memory.js';
import { withResources, type Defer } from '../support/resources.js';
import { scaled, type Options } from './options.js';
import { noRoomFor, ourHistory } from './our-history.js';
import type { Curve } from './row.js';

const MIB = 1024 * 1024;
const LENGTHS = [10_000, 100_000, 1_000_000];
const LONGEST = 10_000_000;
/** Events read before the time is taken. */
const WARM_UP = 100_000;
const NO_WARM_UP = 1;

/** How fast one reader gets all that has happened. */
export function replayByLength(options: Options): Curve {
  return {
    name: 'replay-by-history',
    title: 'A whole history to one reader',
    xLabel: 'events in the history',
    yLabel: 'events/s',
    xs: LENGTHS.map((length) => scaled(options, length)),
    contenders: [{ ...FOGHORN, run: (events) => replayRate(events, options) }],
  };
}

/**
 * What the broker holds of its own; the store's file, which the system maps and lets go of as it
 * likes, does not count.
 */
export function memoryByLength(options: Options): Curve {
  const xs = [...LENGTHS, LONGEST].map((length) => scaled(options, length));
  const missing = noRoomFor(Math.max(...xs));
  return {
    name: 'memory-by-history',
    title: "The broker's memory over a history",
    xLabel: 'events in the history',
    yLabel: 'MiB',
    xs,
    contenders: [
      { name: 'Foghorn, started', missing, run: (events) => memoryAtStart(events, options) },
      {
        name: 'Foghorn, at most while one reads it all',
        missing,
        run: (events) => memoryWhileRead(events, options),
      },
    ],
  };
}

function replayRate(events: number, options: Options): Promise<number> {
  return withResources(async (defer) => {
    const broker = await BrokerAtRest.start(options, defer, await ourHistory(events));
    const { seconds } = await readAll(broker, events, WARM_UP, defer);
    return events / seconds;
  });
}

function memoryAtStart(events: number, options: Options): Promise<number> {
  return withResources(async (defer) => {
    const broker = await BrokerAtRest.start(options, defer, await ourHistory(events));
    return (await broker.memory()) / MIB;
  });
}

function memoryWhileRead(events: number, options: Options): Promise<number> {
  return withResources(async (defer) => {
    const broker = await BrokerAtRest.start(options, defer, await ourHistory(events));
    const peak = new MemoryPeak(broker.pid);
    defer(() => {
      peak.stop();
    });
    await readAll(broker, events, NO_WARM_UP, defer);
    return peak.most().anonymous / MIB;
  });
}

/** Rejects unless the reader gets exactly so many. */
async function readAll(
  { address }: BrokerAtRest,
  events: number,
  warmUp: number,
  defer: Defer,
): Promise<ReadThroughReport> {
  const settings: HistoryReaderSettings = { address, warmUp, events };
  const reader = await startLoad('history-reader', settings, undefined);
  defer(() => reader.kill());
  const report = JSON.parse(await reader.line('{')) as ReadThroughReport;
  await reader.ended();
  return report;
}
