import { setTimeout as delay } from 'node:timers/promises';
import { cpuSeconds } from '../../support/cpu-time.js';
import { UnaryLoad } from '../../support/h2load.js';
import type { Defer } from '../../support/resources.js';
import { EVENT_BYTES } from '../event-bytes.js';
import { scaled, type BenchOptions } from '../options.js';
import type { Sample } from '../row.js';
import { Receivers, type ReceiverLoad } from './receivers.js';

const IN_FLIGHT = 64;
/** Deliveries to all receivers together; the number of events follows from it. */
const DELIVERIES = 2_000_000;
const MAX_EVENTS = 60_000;
/** Events of the warm-up, as a fraction of the measured ones. */
const WARM_UP_FRACTION = 1 / 4;

const POLL_MS = 50;
/** Time without a delivery after which all published events have arrived. */
const SETTLED_MS = 500;

export interface EventServerSockets {
  readonly pid: number;
  readonly address: string;
  /** Path of the same socket, for h2load. */
  readonly socket: string;
}

/**
 * Publishes a number of events and measures until the last one has come to the last receiver,
 * because a publish may be answered before its event is delivered.
 */
export async function measureLiveDeliveries(
  { pid, address, socket }: EventServerSockets,
  receiverLoad: ReceiverLoad,
  options: BenchOptions,
  defer: Defer,
): Promise<Sample> {
  const { count } = receiverLoad.settings;
  const receivers = await Receivers.start(receiverLoad, address, options.profile, defer);
  const load = UnaryLoad.publishing(defer, EVENT_BYTES);
  const first = await publishUntilAllReceive(load, socket, receivers);
  const events = scaled(options, Math.min(MAX_EVENTS, DELIVERIES / count), 100);
  const warmUp = Math.ceil(events * WARM_UP_FRACTION);
  await load.call(socket, warmUp, IN_FLIGHT);
  const before = await receivers.received(first + warmUp * count);
  const cpu = () => ({
    server: cpuSeconds('the server', pid),
    receivers: cpuSeconds('the receivers', receivers.pid),
  });
  const cpuBefore = cpu();
  await receivers.begin();
  const { rate } = await load.call(socket, events, IN_FLIGHT);
  const { secondsToLast } = await receivers.received(before.total + events * count);
  const cpuAfter = cpu();
  const perDelivery = (who: keyof typeof cpuBefore): number =>
    ((cpuAfter[who] - cpuBefore[who]) * 1e6) / (events * count);
  return {
    value: (events * count) / secondsToLast,
    details: {
      'published/s': rate,
      'server CPU µs': perDelivery('server'),
      'receivers CPU µs': perDelivery('receivers'),
    },
  };
}

/**
 * Publishes events until each receiver has one, because containerd does not signal the start of a
 * subscription. Resolves with the total of deliveries once no more come.
 */
async function publishUntilAllReceive(
  load: UnaryLoad,
  socket: string,
  receivers: Receivers,
): Promise<number> {
  let report = await receivers.report();
  for (let idle = 0; idle < SETTLED_MS;) {
    if (report.fewest === 0) await load.call(socket, 1, 1);
    await delay(POLL_MS);
    const next = await receivers.report();
    idle = next.fewest > 0 && next.total === report.total ? idle + POLL_MS : 0;
    report = next;
  }
  return report.total;
}
