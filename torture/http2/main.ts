import { parseArgs } from 'node:util';
import { heapInUse } from '../../test/support/heap.js';
import { Random } from '../random.js';
import { attempt } from './attempt.js';
import { startBroker } from './broker-target.js';
import { startChecked } from './checked-server.js';
import type { Target } from './target.js';

/** Connections at the same time, of each server. */
const CONNECTIONS = 8;
const FRAMES_PER_ROUND = 50_000;
const MAX_HEAP_GROWTH = 16 * 1024 * 1024;
const UNLIMITED = {
  resetBurst: Infinity,
  uselessFrameBurst: Infinity,
  maxConcurrentStreams: 100,
  keepaliveTime: 500,
  keepaliveTimeout: 500,
};

/** Servers of each layer: HTTP/2 alone, within its limits and without; gRPC with all services. */
const LAYERS: Readonly<Record<string, () => Promise<Target[]>>> = {
  http2: () => Promise.all([startChecked({}), startChecked(UNLIMITED)]),
  grpc: async () => [await startBroker()],
};

async function torture(targets: readonly Target[], frames: number, seed: number): Promise<void> {
  const random = new Random(seed);
  let sent = 0;
  let baseline = 0;
  for (let round = 0; sent < frames; round++) {
    const goal = Math.min(frames, sent + FRAMES_PER_ROUND);
    const lanes = targets.flatMap((target) => new Array<Target>(CONNECTIONS).fill(target));
    const attempts = lanes.map(async (target) => {
      while (sent < goal) {
        const count = await attempt(target, random);
        sent += count;
      }
    });
    await Promise.all(attempts);
    for (const target of targets) await target.askBystander();
    for (const target of targets) await target.untilIdle();
    const violations = targets.flatMap((target) => target.violations);
    if (violations.length > 0) throw new Error(violations.slice(0, 10).join(', '));
    const heap = await heapInUse();
    if (round === 1) baseline = heap;
    if (round > 1 && heap > baseline + MAX_HEAP_GROWTH) {
      throw new Error(`the heap grew from ${baseline} to ${heap} bytes`);
    }
    console.log(`${sent} frames, heap ${Math.round(heap / 1024)} KiB`);
  }
  for (const target of targets) await target.stop();
}

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    seed: { type: 'string' },
    layer: { type: 'string', default: 'http2' },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
const start = LAYERS[values.layer];
if (start === undefined) {
  throw new Error(`layer: expected one of ${Object.keys(LAYERS).join(', ')}, got ${values.layer}`);
}
console.log(`seed ${seed}`);
try {
  await torture(await start(), Number(values.frames), seed);
  console.log('no exception, no wedge, no leak');
} catch (error) {
  console.error(error);
  process.exit(1);
}
