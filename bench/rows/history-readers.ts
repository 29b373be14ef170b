import { FOGHORN, startFoghorn } from '../servers/foghorn.js';
import { cpuSeconds } from '../support/cpu-time.js';
import { missing } from '../support/installed.js';
import { withResources, type Defer } from '../support/resources.js';
import { scaled, type BenchOptions } from './options.js';
import { ourHistory } from './our-history.js';
import type { Contender, Row, Sample } from './row.js';
import { measureLiveDeliveries } from './subscribers/live-deliveries.js';
import { Receivers, type ReceiverLoad } from './subscribers/receivers.js';

const READERS = 100;
const CONNECTIONS = 4;
const HISTORY_EVENTS = 100_000;
/** Readers that go through the same history before the measured ones. */
const WARM_UP_READERS = 10;
const BY_SUBSCRIBE = 'the same by Subscribe';
const ONE_READER = 'one reader';

/** Every event to many live readers, which differ from subscribers in getting batches. */
export function readLive(options: BenchOptions): Row {
  const contender = (name: string, receivers: ReceiverLoad): Contender => ({
    ...FOGHORN,
    name,
    missing: missing('h2load'),
    run: () =>
      withResources(async (defer) =>
        measureLiveDeliveries(await startFoghorn(options, defer), receivers, options, defer),
      ),
  });
  const settings = { count: READERS, connections: CONNECTIONS };
  return {
    name: `read-live-${READERS}`,
    work: `every event to ${READERS} readers by Read on ${CONNECTIONS} connections`,
    unit: 'deliveries/s',
    better: 'more',
    contenders: [
      contender(FOGHORN.name, { name: 'history-readers', settings: { ...settings, start: 'now' } }),
      contender(BY_SUBSCRIBE, { name: 'fan-out-subscribers', settings }),
    ],
    targets: [{ kind: 'ratio', peer: BY_SUBSCRIBE, reach: 0.8, stretch: 1 }],
  };
}

/** A history to many readers that start together, beside one reader alone. */
export function readTogether(options: BenchOptions): Row {
  const events = scaled(options, HISTORY_EVENTS);
  const contender = (name: string, readers: number): Contender => ({
    ...FOGHORN,
    name,
    run: () => withResources((defer) => measureReaders(events, readers, options, defer)),
  });
  return {
    name: `read-together-${READERS}`,
    work: `${events.toLocaleString('en-US')} events of the past to ${READERS} readers that start together`,
    unit: 'deliveries/s',
    better: 'more',
    contenders: [contender(FOGHORN.name, READERS), contender(ONE_READER, 1)],
    targets: [{ kind: 'ratio', peer: ONE_READER, reach: 1.5, stretch: 3 }],
  };
}

async function measureReaders(
  events: number,
  readers: number,
  options: BenchOptions,
  defer: Defer,
): Promise<Sample> {
  const { pid, address } = await startFoghorn(options, defer, await ourHistory(events));
  const start = (count: number): Promise<Receivers> => {
    const settings = { count, connections: CONNECTIONS, start: 'earliest' } as const;
    return Receivers.start({ name: 'history-readers', settings }, address, options.profile, defer);
  };
  const warmUp = await start(WARM_UP_READERS);
  await warmUp.begin();
  await warmUp.received(events * WARM_UP_READERS);
  await warmUp.end();
  const receivers = await start(readers);
  const cpu = () => ({
    server: cpuSeconds('the server', pid),
    readers: cpuSeconds('the readers', receivers.pid),
  });
  const cpuBefore = cpu();
  await receivers.begin();
  const { secondsToLast } = await receivers.received(events * readers);
  const cpuAfter = cpu();
  const perDelivery = (who: keyof typeof cpuBefore): number =>
    ((cpuAfter[who] - cpuBefore[who]) * 1e6) / (events * readers);
  return {
    value: (events * readers) / secondsToLast,
    details: {
      'server CPU µs': perDelivery('server'),
      'readers CPU µs': perDelivery('readers'),
    },
  };
}
