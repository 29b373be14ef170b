import { BrokerAtRest } from '../servers/broker-at-rest.js';
import { FOGHORN } from '../servers/foghorn.js';
import { checkHistory } from '../support/history.js';
import { withResources } from '../support/resources.js';
import { scaled, type BenchOptions } from './options.js';
import { noRoomFor, ourHistory } from './our-history.js';
import type { Row, Sample } from './row.js';

const HISTORY_EVENTS = 10_000_000;

/**
 * Time from the start of the process to the line that says where it listens, with the store in the
 * system's cache. The contender with an empty history shows the share of Node and of loading our
 * code.
 */
export function start(options: BenchOptions): Row {
  const events = scaled(options, HISTORY_EVENTS);
  return {
    name: 'start',
    work: `start with ${events.toLocaleString('en-US')} events in the store`,
    unit: 's',
    better: 'less',
    contenders: [
      {
        ...FOGHORN,
        missing: noRoomFor(events),
        run: async () => startWith(events, options, await ourHistory(events)),
      },
      { ...FOGHORN, name: 'with no events', run: () => startWith(0, options) },
    ],
    targets: [{ kind: 'bound', reach: 1, stretch: 0.2 }],
  };
}

function startWith(events: number, options: BenchOptions, store?: string): Promise<Sample> {
  return withResources(async (defer) => {
    const broker = await BrokerAtRest.start(options, defer, store);
    await checkHistory(broker.address, events);
    return { value: broker.secondsToReady, details: {} };
  });
}
