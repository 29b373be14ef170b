import { setTimeout as delay } from 'node:timers/promises';
import type { FanOutReport } from '../loads/fan-out-subscribers.js';
import { CONTAINERD, startContainerd } from '../servers/containerd.js';
import { FOGHORN, startFoghorn } from '../servers/foghorn.js';
import { cpuSeconds } from '../support/cpu-time.js';
import { PublishLoad } from '../support/h2load.js';
import { missing } from '../support/installed.js';
import { startLoad } from '../support/load.js';
import type { Program } from '../support/program.js';
import { withResources, type Defer } from '../support/resources.js';
import { EVENT_BYTES } from './event-bytes.js';
import { scaled, type Options } from './options.js';
import type { Contender, Row, Sample } from './row.js';

const IN_FLIGHT = 64;
/** In all, to all subscribers together: with more subscribers, fewer events. */
const DELIVERIES = 2_000_000;
const MOST_EVENTS = 60_000;
/** Before that, a part of as many: for this one. */
const WARM_UP_PART = 4;

const POLL_MS = 50;
/** What was published just now has come after so long, as far as nothing else goes on. */
const SETTLE_MS = 500;
/** When nothing has come for so long, nothing more comes. */
const QUIET_MS = 5000;

interface Server {
  readonly pid: number;
  readonly address: string;
  readonly socket: string;
}

/**
 * Every event to so many subscribers. A number of events is published, and measured until the last one has come to the last
 * subscriber: a publish may be answered before it is delivered.
 */
export function fanOut(
  options: Options,
  subscribers: number,
  target: { readonly reach: number; readonly stretch: number },
): Row {
  const contender = (
    who: Omit<Contender, 'run'>,
    start: (defer: Defer) => Promise<Server>,
  ): Contender => ({
    ...who,
    missing: who.missing ?? missing('h2load'),
    run: () =>
      withResources(async (defer) => measure(await start(defer), subscribers, options, defer)),
  });
  return {
    name: `fan-out-${subscribers}`,
    work: `every event to ${subscribers} subscribers, published one by one`,
    unit: 'deliveries/s',
    better: 'more',
    contenders: [
      contender(FOGHORN, (defer) => startFoghorn(options, defer)),
      contender(CONTAINERD, startContainerd),
    ],
    targets: [{ kind: 'ratio', peer: CONTAINERD.name, ...target }],
  };
}

async function measure(
  { pid, address, socket }: Server,
  count: number,
  options: Options,
  defer: Defer,
): Promise<Sample> {
  const crowd = await startLoad('fan-out-subscribers', { address, count }, options.profile);
  defer(() => crowd.ended('SIGTERM'));
  await crowd.line('subscribing');
  const load = new PublishLoad(defer, EVENT_BYTES);
  const first = await publishUntilAllHear(load, socket, crowd);
  const events = scaled(options, Math.min(MOST_EVENTS, DELIVERIES / count), 100);
  const warmUp = Math.ceil(events / WARM_UP_PART);
  await load.publish(socket, warmUp, IN_FLIGHT);
  const before = await arrived(crowd, first + warmUp * count);
  const cpuBefore = { server: cpuSeconds('the server', pid), crowd: cpuSeconds('them', crowd.pid) };
  crowd.signal('SIGHUP');
  await crowd.line('begun');
  const { rate } = await load.publish(socket, events, IN_FLIGHT);
  const { secondsToLast } = await arrived(crowd, before.total + events * count);
  const perDelivery = (seconds: number): number => (seconds * 1e6) / (events * count);
  return {
    value: (events * count) / secondsToLast,
    details: {
      'published/s': rate,
      'server CPU µs': perDelivery(cpuSeconds('the server', pid) - cpuBefore.server),
      'subscribers CPU µs': perDelivery(cpuSeconds('them', crowd.pid) - cpuBefore.crowd),
    },
  };
}

/**
 * containerd does not tell when a subscription has begun, so events are published until each subscriber has heard one. Resolves
 * with how many have arrived, at all together, when nothing more comes.
 */
async function publishUntilAllHear(
  load: PublishLoad,
  socket: string,
  crowd: Program,
): Promise<number> {
  let report = await reportOf(crowd);
  for (let quiet = 0; quiet < SETTLE_MS;) {
    if (report.fewest === 0) await load.publish(socket, 1, 1);
    await delay(POLL_MS);
    const next = await reportOf(crowd);
    quiet = next.fewest > 0 && next.total === report.total ? quiet + POLL_MS : 0;
    report = next;
  }
  return report.total;
}

/** Resolves when so many have arrived from the first on, the same at each subscriber; rejects when they do not come, or more. */
async function arrived(crowd: Program, expected: number): Promise<FanOutReport> {
  let report = await reportOf(crowd);
  for (let quiet = 0; report.total < expected && quiet < QUIET_MS;) {
    await delay(POLL_MS);
    const next = await reportOf(crowd);
    quiet = next.total === report.total ? quiet + POLL_MS : 0;
    report = next;
  }
  if (report.total === expected) return report;
  throw new Error(`expected ${expected} deliveries, got ${report.total}`);
}

async function reportOf(crowd: Program): Promise<FanOutReport> {
  crowd.signal('SIGUSR2');
  return JSON.parse(await crowd.line('{')) as FanOutReport;
}
