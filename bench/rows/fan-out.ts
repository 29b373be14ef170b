import { CONTAINERD, startContainerd } from '../servers/containerd.js';
import { FOGHORN, startFoghorn } from '../servers/foghorn.js';
import { missing } from '../support/installed.js';
import { withResources, type Defer } from '../support/resources.js';
import type { BenchOptions } from './options.js';
import type { Contender, Row } from './row.js';
import { measureLiveDeliveries, type EventServerSockets } from './subscribers/live-deliveries.js';
import type { ReceiverLoad } from './subscribers/receivers.js';

/** Every event to all subscribers, each on a connection of its own. */
export function fanOut(
  options: BenchOptions,
  subscribers: number,
  target: { readonly reach: number; readonly stretch: number },
): Row {
  const receivers: ReceiverLoad = {
    name: 'fan-out-subscribers',
    settings: { count: subscribers, connections: subscribers },
  };
  const contender = (
    who: Omit<Contender, 'run'>,
    start: (defer: Defer) => Promise<EventServerSockets>,
  ): Contender => ({
    ...who,
    missing: who.missing ?? missing('h2load'),
    run: () =>
      withResources(async (defer) =>
        measureLiveDeliveries(await start(defer), receivers, options, defer),
      ),
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
