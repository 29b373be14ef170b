import type { HistoryReaderSettings } from '../loads/history-reader.js';
import type { ReadThroughReport } from '../loads/read-through.js';
import { BrokerAtRest } from '../servers/broker-at-rest.js';
import { FOGHORN } from '../servers/foghorn.js';
import { startLoad } from '../support/load.js';
import { MemoryPeak } from '../support/memory.js';
import { withResources, type Defer } from '../support/resources.js';
import { scaled, type BenchOptions } from './options.js';
import { noRoomFor, ourHistory } from './our-history.js';
import type { Curve } from './row.js';

const MIB = 1024 * 1024;
const HISTORY_LENGTHS = [10_000, 100_000, 1_000_000];
const LONGEST_HISTORY = 10_000_000;
/** Events read before the measured time. */
const WARM_UP = 100_000;
const NO_WARM_UP = 1;

/** Rate of one reader of a whole history, by its length. */
export function replayByLength(options: BenchOptions): Curve {
  return {
    name: 'replay-by-history',
    title: 'A whole history to one reader',
    xLabel: 'events in the history',
    yLabel: 'events/s',
    xs: HISTORY_LENGTHS.map((length) => scaled(options, length)),
    contenders: [{ ...FOGHORN, run: (events) => replayRate(events, options) }],
  };
}

/** Anonymous memory of the broker, which excludes the store's mapped file, by history length. */
export function memoryByLength(options: BenchOptions): Curve {
  const xs = [...HISTORY_LENGTHS, LONGEST_HISTORY].map((length) => scaled(options, length));
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

function replayRate(events: number, options: BenchOptions): Promise<number> {
  return withResources(async (defer) => {
    const broker = await BrokerAtRest.start(options, defer, await ourHistory(events));
    const { seconds } = await readAll(broker, events, WARM_UP, defer);
    return events / seconds;
  });
}

function memoryAtStart(events: number, options: BenchOptions): Promise<number> {
  return withResources(async (defer) => {
    const broker = await BrokerAtRest.start(options, defer, await ourHistory(events));
    return (await broker.memory()) / MIB;
  });
}

function memoryWhileRead(events: number, options: BenchOptions): Promise<number> {
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

/** Rejects unless the reader gets exactly this many events. */
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
