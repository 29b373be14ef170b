import { setTimeout as delay } from 'node:timers/promises';
import type { ArrivalReport } from '../loads/docker/arrivals.js';
import type { LoadReport } from '../loads/measured-time.js';
import { CONTAINERD, startContainerd } from '../servers/containerd.js';
import { FOGHORN, startFoghorn } from '../servers/foghorn.js';
import { JETSTREAM, JetStream } from '../servers/jetstream.js';
import { startLoad } from '../support/load.js';
import type { Program } from '../support/program.js';
import { withResources, type Defer } from '../support/resources.js';
import { EVENT_BYTES } from './event-bytes.js';
import type { BenchOptions } from './options.js';
import type { Contender, Row, Sample } from './row.js';

const EVENTS_PER_SECOND = 1000;
const POLL_MS = 50;
const ARRIVAL_TIMEOUT_MS = 5000;

/** A publishing and a subscribing program of `bench/loads`, and their settings for the server. */
interface Pair {
  readonly publisher: string;
  readonly subscriber: string;
  readonly server: object;
}

type Percentile = 'p50' | 'p99';
type Start = (defer: Defer) => Promise<Pair>;

/** Time from the publishing call until a subscriber in another process has the event. */
export function latency(options: BenchOptions, percentile: Percentile): Row {
  const by = (who: Omit<Contender, 'run'>, start: Start): Contender =>
    timing(who, start, options, percentile);
  const target = { kind: 'ratio', reach: 1.5, stretch: 1 } as const;
  return {
    name: `latency-${percentile}`,
    work: `publish to subscriber at ${EVENTS_PER_SECOND} events/s, ${percentile}`,
    unit: 'ms',
    better: 'less',
    contenders: [
      by(FOGHORN, async (defer) =>
        grpcPair(await startFoghorn(options, defer), 'timed-subscriber'),
      ),
      by(CONTAINERD, async (defer) => grpcPair(await startContainerd(defer), 'timed-subscriber')),
      by(JETSTREAM, (defer) => jetStreamPair(defer, 'jetstream-timed-subscriber')),
    ],
    targets: [
      { ...target, peer: CONTAINERD.name },
      { ...target, peer: JETSTREAM.name },
    ],
  };
}

/** Time from the publishing call until a durable consumer's handler has the event. */
export function handlerLatency(options: BenchOptions, percentile: Percentile): Row {
  const by = (who: Omit<Contender, 'run'>, start: Start): Contender =>
    timing(who, start, options, percentile);
  return {
    name: `handler-${percentile}`,
    work: `publish to a consumer's handler at ${EVENTS_PER_SECOND} events/s, ${percentile}`,
    unit: 'ms',
    better: 'less',
    contenders: [
      by(FOGHORN, async (defer) =>
        grpcPair(await startFoghorn(options, defer), 'consumer-timed-member'),
      ),
      by(JETSTREAM, (defer) => jetStreamPair(defer, 'jetstream-timed-member')),
    ],
    targets: [{ kind: 'ratio', peer: JETSTREAM.name, reach: 1, stretch: 0.5 }],
  };
}

function timing(
  who: Omit<Contender, 'run'>,
  start: Start,
  options: BenchOptions,
  percentile: Percentile,
): Contender {
  return {
    ...who,
    run: () =>
      withResources(async (defer) => {
        const details = await measure(await start(defer), options, defer);
        return { value: details[percentile], details };
      }),
  };
}

function grpcPair({ address }: { readonly address: string }, subscriber: string): Pair {
  return { publisher: 'timed-publisher', subscriber, server: { address } };
}

async function jetStreamPair(defer: Defer, subscriber: string): Promise<Pair> {
  const server = await JetStream.start(defer);
  await server.createStream();
  return { publisher: 'jetstream-timed-publisher', subscriber, server: { port: server.port } };
}

async function measure(
  { publisher, subscriber, server }: Pair,
  { seconds, warmUp, profile }: BenchOptions,
  defer: Defer,
): Promise<Record<'p50' | 'p99', number> & Sample['details']> {
  const follower = await startLoad(subscriber, server, profile);
  defer(() => follower.ended('SIGTERM'));
  await follower.line('following');
  const pace = { perSecond: EVENTS_PER_SECOND, seconds, warmUp, bytes: EVENT_BYTES };
  const load = await startLoad(publisher, { ...server, ...pace }, profile);
  defer(() => load.kill());
  await load.line('begin');
  follower.signal('SIGHUP');
  const { acknowledged, ...acknowledgement } = JSON.parse(await load.line('{')) as LoadReport;
  await load.ended();
  const { p50, p99 } = await allArrived(follower, acknowledged);
  return {
    p50,
    p99,
    'acknowledged p50 ms': acknowledgement.p50,
    'acknowledged p99 ms': acknowledgement.p99,
  };
}

/** Rejects unless exactly the expected number of events arrives in time. */
async function allArrived(follower: Program, expected: number): Promise<ArrivalReport> {
  let report = await reportOf(follower);
  for (let waited = 0; report.total < expected && waited < ARRIVAL_TIMEOUT_MS; waited += POLL_MS) {
    await delay(POLL_MS);
    report = await reportOf(follower);
  }
  if (report.total === expected) return report;
  throw new Error(`expected ${expected} events at the subscriber, got ${report.total}`);
}

async function reportOf(follower: Program): Promise<ArrivalReport> {
  follower.signal('SIGUSR2');
  return JSON.parse(await follower.line('{')) as ArrivalReport;
}
