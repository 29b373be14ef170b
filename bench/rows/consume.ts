import { FOGHORN } from '../servers/foghorn.js';
import { JETSTREAM } from '../servers/jetstream.js';
import type { BenchOptions } from './options.js';
import { reading, servedByFoghorn, servedByJetStream } from './replay.js';
import type { Row } from './row.js';

const IN_FLIGHT = 1024;

/** A whole history to the members of one durable consumer, each event acknowledged. */
export function consume(options: BenchOptions, members: number): Row {
  const settings = { members, inFlight: IN_FLIGHT };
  return {
    name: `consume-${members}`,
    work: `acknowledged deliveries to ${members} members, ${IN_FLIGHT} in flight`,
    unit: 'events/s',
    better: 'more',
    contenders: [
      reading(FOGHORN, options, async (defer) => {
        const { pid, where } = await servedByFoghorn(options, defer);
        return { pid, reader: 'consumer-members', where: { ...where, ...settings } };
      }),
      reading(JETSTREAM, options, async (defer) => {
        const { pid, where } = await servedByJetStream(options, defer);
        return { pid, reader: 'jetstream-members', where: { ...where, ...settings } };
      }),
    ],
    targets: [{ kind: 'ratio', peer: JETSTREAM.name, reach: 2, stretch: 4 }],
  };
}
