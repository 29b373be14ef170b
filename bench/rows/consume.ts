import { FOGHORN, startFoghorn } from '../servers/foghorn.js';
import { JETSTREAM, JetStream } from '../servers/jetstream.js';
import { withResources, type Defer } from '../support/resources.js';
import { foghornHistory, historyExtent, jetStreamHistory } from './histories.js';
import type { BenchOptions } from './options.js';
import { readAll, type ServedHistory } from './replay.js';
import type { Contender, Row } from './row.js';

const IN_FLIGHT = 1024;

/** A whole history to the members of one durable consumer, each event acknowledged. */
export function consume(options: BenchOptions, members: number): Row {
  const { events } = historyExtent(options);
  const settings = { members, inFlight: IN_FLIGHT };
  const contender = (
    who: Omit<Contender, 'run'>,
    start: (defer: Defer) => Promise<ServedHistory>,
  ): Contender => ({
    ...who,
    run: () =>
      withResources(async (defer) => {
        const { where, ...served } = await start(defer);
        const history = { ...served, where: { ...where, ...settings } };
        return readAll(history, events, options.profile, defer);
      }),
  });
  return {
    name: `consume-${members}`,
    work: `acknowledged deliveries to ${members} members, ${IN_FLIGHT} in flight`,
    unit: 'events/s',
    better: 'more',
    contenders: [
      contender(FOGHORN, async (defer) => {
        const history = await foghornHistory(options);
        const { pid, address } = await startFoghorn(options, defer, history);
        return { pid, reader: 'consumer-members', where: { address } };
      }),
      contender(JETSTREAM, async (defer) => {
        const { pid, port } = await JetStream.start(defer, await jetStreamHistory(options));
        return { pid, reader: 'jetstream-members', where: { port } };
      }),
    ],
    targets: [{ kind: 'ratio', peer: JETSTREAM.name, reach: 2, stretch: 4 }],
  };
}
