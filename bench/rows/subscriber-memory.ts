import { BrokerAtRest } from '../servers/broker-at-rest.js';
import { FOGHORN } from '../servers/foghorn.js';
import { withResources } from '../support/resources.js';
import type { BenchOptions } from './options.js';
import type { Curve, Row } from './row.js';
import { Crowd } from './subscribers/crowd.js';
import { containerSubscribers } from './subscribers/publishing.js';

const KIB = 1024;
const MIB = 1024 * KIB;
/** Each hundred share a connection, whose memory counts too. */
const SUBSCRIBERS = 10_000;
const SUBSCRIBER_COUNTS = [0, 1000, 3000, SUBSCRIBERS];
/**
 * Subscribers that come before the measurement, so that one-time costs of the code do not count.
 */
const FIRST_SUBSCRIBERS = 100;

/** Memory of the broker per idle subscriber, without the kernel's buffers of its socket. */
export function subscriberMemory(options: BenchOptions): Row {
  const run = async () => {
    const { before, after } = await memoryWith(SUBSCRIBERS, options);
    const perSubscriber = (after - before) / (SUBSCRIBERS - FIRST_SUBSCRIBERS) / KIB;
    return {
      value: perSubscriber,
      details: { 'MiB with the first': before / MIB, 'MiB with all': after / MIB },
    };
  };
  return {
    name: 'memory-idle',
    work: 'memory per idle subscriber, 10,000 of them on 100 connections',
    unit: 'KiB',
    better: 'less',
    contenders: [{ ...FOGHORN, run }],
    targets: [{ kind: 'bound', reach: 16, stretch: 8 }],
  };
}

export function memoryBySubscribers(options: BenchOptions): Curve {
  return {
    name: 'memory-by-subscribers',
    title: "The broker's memory while idle subscribers want one container each",
    xLabel: 'subscribers',
    yLabel: 'MiB',
    xs: SUBSCRIBER_COUNTS,
    contenders: [
      {
        ...FOGHORN,
        run: async (subscribers) => (await memoryWith(subscribers, options)).after / MIB,
      },
    ],
  };
}

/** Resolves with the bytes with the first hundred subscribers and with all. */
function memoryWith(
  subscribers: number,
  options: BenchOptions,
): Promise<{ before: number; after: number }> {
  return withResources(async (defer) => {
    const broker = await BrokerAtRest.start(options, defer);
    const first = Math.min(FIRST_SUBSCRIBERS, subscribers);
    await Crowd.start(broker, containerSubscribers(first), defer);
    const before = await broker.memory();
    await Crowd.start(broker, containerSubscribers(subscribers - first), defer);
    return { before, after: await broker.memory() };
  });
}
