import { parseArgs } from 'node:util';
import { heapInUse } from '../../test/support/heap.js';
import { FrameClient, within } from '../../test/support/http2/frame-client.js';
import { Random } from '../random.js';
import { attempt } from './attempt.js';
import { startChecked, type Counts } from './checked-server.js';

/** Connections at the same time, of each of the two servers. */
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

/** Asks as another client. Rejects if there is no answer in some seconds. */
async function askBystander(path: string): Promise<void> {
  const bystander = await FrameClient.open(path);
  bystander.request(1, '/fixed');
  await within(() => bystander.isAnswered(1));
  bystander.close();
}

async function torture(frames: number, seed: number): Promise<void> {
  const random = new Random(seed);
  const counts: Counts = { opened: 0, closed: 0, violations: [] };
  const servers = [await startChecked(counts, {}), await startChecked(counts, UNLIMITED)];
  let sent = 0;
  let baseline = 0;
  for (let round = 0; sent < frames; round++) {
    const goal = Math.min(frames, sent + FRAMES_PER_ROUND);
    const lanes = servers.flatMap(({ path }) => Array.from({ length: CONNECTIONS }, () => path));
    const attempts = lanes.map(async (path) => {
      while (sent < goal) {
        const frames = await attempt(path, random);
        sent += frames;
      }
    });
    await Promise.all(attempts);
    for (const { path } of servers) await askBystander(path);
    await within(() => servers.every(({ http2 }) => http2.connections.size === 0));
    await within(() => counts.opened === counts.closed);
    if (counts.violations.length > 0) throw new Error(counts.violations.slice(0, 10).join(', '));
    const heap = await heapInUse();
    if (round === 1) baseline = heap;
    if (round > 1 && heap > baseline + MAX_HEAP_GROWTH) {
      throw new Error(`the heap grew from ${baseline} to ${heap} bytes`);
    }
    console.log(`${sent} frames, ${counts.opened} streams, heap ${Math.round(heap / 1024)} KiB`);
  }
  for (const server of servers) await server.stop();
}

const { values } = parseArgs({
  options: { frames: { type: 'string', default: '1000000' }, seed: { type: 'string' } },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
console.log(`seed ${seed}`);
try {
  await torture(Number(values.frames), seed);
  console.log('no exception, no wedge, no leak');
} catch (error) {
  console.error(error);
  process.exit(1);
}
