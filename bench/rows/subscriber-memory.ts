import { BrokerAtRest } from '../servers/broker-at-rest.js';
import { FOGHORN } from '../servers/foghorn.js';
import { withResources } from '../support/resources.js';
import type { Options } from './options.js';
import type { Curve, Row } from './row.js';
import { Crowd } from './subscribers/crowd.js';
import { containerSubscribers } from './subscribers/publishing.js';

const KIB = 1024;
const MIB = 1024 * KIB;
/** Their connections are counted in: one for each hundred. */
const SUBSCRIBERS = 10_000;
const COUNTS = [0, 1000, 3000, SUBSCRIBERS];
/** What the code for subscriptions takes the first time it runs is no subscriber's share. */
const FIRST = 100;

/**
 * What an idle subscriber takes of the broker's own memory; the kernel's buffers of its socket do
 * not count.
 */
export function subscriberMemory(options: Options): Row {
  const run = async () => {
    const { before, after } = await memoryWith(SUBSCRIBERS, options);
    const perSubscriber = (after - before) / (SUBSCRIBERS - FIRST) / KIB;
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

export function memoryBySubscribers(options: Options): Curve {
  return {
    name: 'memory-by-subscribers',
    title: "The broker's memory while idle subscribers want one container each",
    xLabel: 'subscribers',
    yLabel: 'MiB',
    xs: COUNTS,
    contenders: [
      {
        ...FOGHORN,
        run: async (subscribers) => (await memoryWith(subscribers, options)).after / MIB,
      },
    ],
  };
}

/** Bytes, with the first hundred subscribers and with all. */
function memoryWith(
  subscribers: number,
  options: Options,
): Promise<{ before: number; after: number }> {
  return withResources(async (defer) => {
    const broker = await BrokerAtRest.start(options, defer);
    const first = Math.min(FIRST, subscribers);
    await Crowd.start(broker, containerSubscribers(first), defer);
    const before = await broker.memory();
    await Crowd.start(broker, containerSubscribers(subscribers - first), defer);
    return { before, after: await broker.memory() };
  });
}
