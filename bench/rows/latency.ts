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

/** Time from the publishing call until a subscriber in another process has the event. */
export function latency(options: BenchOptions, percentile: 'p50' | 'p99'): Row {
  const contender = (
    who: Omit<Contender, 'run'>,
    start: (defer: Defer) => Promise<Pair>,
  ): Contender => ({
    ...who,
    run: () =>
      withResources(async (defer) => {
        const details = await measure(await start(defer), options, defer);
        return { value: details[percentile], details };
      }),
  });
  const target = { kind: 'ratio', reach: 1.5, stretch: 1 } as const;
  return {
    name: `latency-${percentile}`,
    work: `publish to subscriber at ${EVENTS_PER_SECOND} events/s, ${percentile}`,
    unit: 'ms',
    better: 'less',
    contenders: [
      contender(FOGHORN, async (defer) => grpcPair(await startFoghorn(options, defer))),
      contender(CONTAINERD, async (defer) => grpcPair(await startContainerd(defer))),
      contender(JETSTREAM, jetStreamPair),
    ],
    targets: [
      { ...target, peer: CONTAINERD.name },
      { ...target, peer: JETSTREAM.name },
    ],
  };
}

function grpcPair({ address }: { readonly address: string }): Pair {
  return { publisher: 'timed-publisher', subscriber: 'timed-subscriber', server: { address } };
}

async function jetStreamPair(defer: Defer): Promise<Pair> {
  const server = await JetStream.start(defer);
  await server.createStream();
  return {
    publisher: 'jetstream-timed-publisher',
    subscriber: 'jetstream-timed-subscriber',
    server: { port: server.port },
  };
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
