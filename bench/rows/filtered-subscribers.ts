import { CONTAINERD } from '../servers/containerd.js';
import type { BenchOptions } from './options.js';
import type { Contender, Curve, Row } from './row.js';
import { containerd, foghorn, type EventServerKind } from './subscribers/event-server.js';
import { measurePublishing } from './subscribers/publishing.js';

const FEW_SUBSCRIBERS = 10;
const MANY_SUBSCRIBERS = 10_000;
const SUBSCRIBER_COUNTS = [FEW_SUBSCRIBERS, 100, 1000, 3000, MANY_SUBSCRIBERS];

/** Publishes beside containerd, which evaluates every subscriber's filter for every event. */
export function filteredSubscribers(
  options: BenchOptions,
  subscribers: number,
  ratio: { readonly reach: number; readonly stretch: number },
): Row {
  return {
    name: `filtered-${subscribers}`,
    work: `publishing to ${text(subscribers)} subscribers, each for one container`,
    unit: 'events/s',
    better: 'more',
    contenders: [foghorn(options), containerd].map((kind) => ({
      ...who(kind),
      run: () => measurePublishing(kind, subscribers, options),
    })),
    targets: [{ kind: 'ratio', peer: CONTAINERD.name, ...ratio }],
  };
}

/** Publishes with many subscribers beside few; each event has exactly one subscriber in both. */
export function ownPublishes(options: BenchOptions): Row {
  const ours = foghorn(options);
  const few = `with ${text(FEW_SUBSCRIBERS)}`;
  const contender = (name: string, subscribers: number): Contender => ({
    ...who(ours),
    name,
    run: () => measurePublishing(ours, subscribers, options),
  });
  return {
    name: 'filtered-own',
    work: `our own publishes with ${text(MANY_SUBSCRIBERS)} such subscribers beside ours with ${text(FEW_SUBSCRIBERS)}`,
    unit: 'events/s',
    better: 'more',
    contenders: [
      contender(`with ${text(MANY_SUBSCRIBERS)}`, MANY_SUBSCRIBERS),
      contender(few, FEW_SUBSCRIBERS),
    ],
    targets: [{ kind: 'ratio', peer: few, reach: 0.8, stretch: 0.95 }],
  };
}

export function publishesBySubscribers(options: BenchOptions): Curve {
  return {
    name: 'publishes-by-subscribers',
    title: 'Publishes while subscribers want one container each',
    xLabel: 'subscribers',
    yLabel: 'events/s',
    xs: SUBSCRIBER_COUNTS,
    contenders: [foghorn(options), containerd].map((kind) => ({
      ...who(kind),
      run: async (subscribers) => (await measurePublishing(kind, subscribers, options)).value,
    })),
  };
}

function who({ name, version, missing }: EventServerKind): Omit<Contender, 'run'> {
  return { name, version, missing };
}

function text(count: number): string {
  return count.toLocaleString('en-US');
}
