import { append } from './append.js';
import { appendOverMutualTls, appendWithRights } from './append-secured.js';
import { consume } from './consume.js';
import { dockerAttached, dockerCopy, dockerPings } from './docker-through.js';
import { fanOut } from './fan-out.js';
import { findContainer } from './find-container.js';
import { readLive, readTogether } from './history-readers.js';
import { handlerLatency, latency } from './latency.js';
import type { BenchOptions } from './options.js';
import { passedCall } from './passed-call.js';
import { replay } from './replay.js';
import type { Row } from './row.js';
import { subscriberRows } from './subscriber-rows.js';
import { ttrpcForward } from './ttrpc-forward.js';
import { unacknowledgedMemory } from './unacknowledged-memory.js';
import { unaryPublish } from './unary-publish.js';

export { curves } from './subscriber-rows.js';

/** All rows of the table, in its order. */
export function rows(options: BenchOptions): readonly Row[] {
  return [
    unaryPublish(options, 1, { reach: 1.3, stretch: 2 }),
    unaryPublish(options, 8, { reach: 1.2, stretch: 1.8 }),
    unaryPublish(options, 64, { reach: 1, stretch: 1.5 }),
    ttrpcForward(options),
    append(options),
    appendWithRights(options),
    appendOverMutualTls(options),
    fanOut(options, 10, { reach: 0.8, stretch: 1.2 }),
    fanOut(options, 100, { reach: 3, stretch: 5 }),
    readLive(options),
    latency(options, 'p50'),
    latency(options, 'p99'),
    replay(options),
    readTogether(options),
    consume(options, 1),
    consume(options, 8),
    consume(options, 64),
    handlerLatency(options, 'p50'),
    handlerLatency(options, 'p99'),
    unacknowledgedMemory(options),
    findContainer(options),
    passedCall(options),
    dockerCopy(options),
    dockerPings(options),
    dockerAttached(options),
    ...subscriberRows(options),
  ];
}
