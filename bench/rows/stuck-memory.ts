import type { BatchSettings } from '../loads/batches.js';
import { BrokerAtRest } from '../servers/broker-at-rest.js';
import { FOGHORN } from '../servers/foghorn.js';
import { checkHistory } from '../support/history.js';
import { startLoad } from '../support/load.js';
import { MemoryPeak } from '../support/memory.js';
import { withResources, type Defer } from '../support/resources.js';
import { EVENT_BYTES } from './event-bytes.js';
import { scaled, type Options } from './options.js';
import type { Row, Sample } from './row.js';
import { Crowd } from './subscribers/crowd.js';

const MIB = 1024 * 1024;
const EVENTS = 1_000_000;
const PACE = { containers: 100, batch: 500, inFlight: 8, warmUp: 0 };
/** Seconds in which all of them are stored. */
const PATIENCE = 600;

/** MiB. */
interface Memory {
  /** While events were being stored, garbage included. */
  readonly atMost: number;
  /** When all were stored and garbage was gone. */
  readonly atRest: number;
}

/**
 * What it costs that one subscriber wants everything and reads nothing. One broker stores as many
 * events to warm up, without it and then with it, since two brokers differ by more than that. In
 * the end it reads, and must get everything.
 *
 * At most is what counts: what the allocator keeps from the events before would hide a little at
 * rest.
 */
export function stuckMemory(options: Options): Row {
  return {
    name: 'memory-stuck',
    work: 'more memory with one stuck subscriber and 1,000,000 events',
    unit: 'MiB',
    better: 'less',
    contenders: [{ ...FOGHORN, run: () => measure(options) }],
    targets: [{ kind: 'bound', reach: 32, stretch: 8 }],
  };
}

function measure(options: Options): Promise<Sample> {
  return withResources(async (defer) => {
    const broker = await BrokerAtRest.start(options, defer);
    const events = scaled(options, EVENTS);
    // A heap grows for a while; both are to be measured once it does not.
    await store(broker, events, defer);
    const without = await memoryWhile(broker, () => store(broker, events, defer));
    const stuck = await Crowd.start(broker, STUCK, defer);
    const withIt = await memoryWhile(broker, () => store(broker, events, defer));
    stuck.beginToRead();
    await stuck.hasAll(batches(events) * PACE.batch);
    await checkHistory(broker.address, 3 * batches(events) * PACE.batch);
    return {
      value: withIt.atMost - without.atMost,
      details: {
        'MiB at most without it': without.atMost,
        'MiB at most with it': withIt.atMost,
        'MiB at rest without it': without.atRest,
        'MiB at rest with it': withIt.atRest,
      },
    };
  });
}

async function memoryWhile(broker: BrokerAtRest, work: () => Promise<void>): Promise<Memory> {
  const peak = new MemoryPeak(broker.pid);
  try {
    await work();
  } finally {
    peak.stop();
  }
  const atMost = peak.most().anonymous / MIB;
  return { atMost, atRest: (await broker.memory()) / MIB };
}

const STUCK = { count: 1, connections: 1, interest: 'everything', stuck: true } as const;

/** Resolves when so many are stored, or a few more. */
async function store({ address }: BrokerAtRest, events: number, defer: Defer): Promise<void> {
  const most = batches(events);
  const settings: BatchSettings = { address, bytes: EVENT_BYTES, ...PACE, seconds: PATIENCE, most };
  const load = await startLoad('batches', settings, undefined);
  defer(() => load.kill());
  await load.ended();
}

function batches(events: number): number {
  return Math.ceil(events / PACE.batch);
}
