import type { BatchSettings } from '../loads/batches.js';
import { BrokerAtRest } from '../servers/broker-at-rest.js';
import { FOGHORN } from '../servers/foghorn.js';
import { checkHistory } from '../support/history.js';
import { startLoad } from '../support/load.js';
import { MemoryPeak } from '../support/memory.js';
import { withResources, type Defer } from '../support/resources.js';
import { EVENT_BYTES } from './event-bytes.js';
import { scaled, type BenchOptions } from './options.js';
import type { Row, Sample } from './row.js';
import { Crowd } from './subscribers/crowd.js';

const MIB = 1024 * 1024;
const STORED_EVENTS = 1_000_000;
const BATCH_PACE = { containers: 100, batch: 500, inFlight: 8, warmUp: 0 };
const STORE_TIMEOUT_SECONDS = 600;

/** Memory of the broker, in MiB. */
interface Memory {
  /** Maximum while events were being stored, garbage included. */
  readonly atMost: number;
  /** After all were stored and garbage was collected. */
  readonly atRest: number;
}

/**
 * Memory cost of one subscriber that wants everything and reads nothing. The same broker stores the
 * same number of events three times: as a warm-up, without the subscriber, and with it, because two
 * brokers differ by more than the subscriber costs. In the end the subscriber reads, and must get
 * everything.
 *
 * The row compares maxima, because memory retained by the allocator hides small differences at
 * rest.
 */
export function stuckMemory(options: BenchOptions): Row {
  return {
    name: 'memory-stuck',
    work: 'more memory with one stuck subscriber and 1,000,000 events',
    unit: 'MiB',
    better: 'less',
    contenders: [{ ...FOGHORN, run: () => measure(options) }],
    targets: [{ kind: 'bound', reach: 32, stretch: 8 }],
  };
}

function measure(options: BenchOptions): Promise<Sample> {
  return withResources(async (defer) => {
    const broker = await BrokerAtRest.start(options, defer);
    const events = scaled(options, STORED_EVENTS);
    // The heap grows for a while, so the first round is not measured.
    await store(broker, events, defer);
    const without = await memoryWhile(broker, () => store(broker, events, defer));
    const stuck = await Crowd.start(broker, STUCK_SUBSCRIBER, defer);
    const withIt = await memoryWhile(broker, () => store(broker, events, defer));
    stuck.beginToRead();
    await stuck.hasAll(batches(events) * BATCH_PACE.batch);
    await checkHistory(broker.address, 3 * batches(events) * BATCH_PACE.batch);
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

const STUCK_SUBSCRIBER = { count: 1, connections: 1, interest: 'everything', stuck: true } as const;

/** Resolves when at least this many events are stored, in whole batches. */
async function store({ address }: BrokerAtRest, events: number, defer: Defer): Promise<void> {
  const most = batches(events);
  const settings: BatchSettings = {
    address,
    bytes: EVENT_BYTES,
    ...BATCH_PACE,
    seconds: STORE_TIMEOUT_SECONDS,
    most,
  };
  const load = await startLoad('batches', settings, undefined);
  defer(() => load.kill());
  await load.ended();
}

function batches(events: number): number {
  return Math.ceil(events / BATCH_PACE.batch);
}
