import { Redis } from 'ioredis';
import { readThrough, type ReadThroughSettings } from './read-through.js';

/** The program's first argument, as JSON. */
export interface RedisReaderSettings extends ReadThroughSettings {
  readonly port: number;
  readonly stream: string;
}

const ENTRIES_PER_READ = 1000;

/* Reads a stream in batches. */
const { port, stream, ...extent } = JSON.parse(process.argv[2] ?? '') as RedisReaderSettings;
const redis = new Redis<'legacy'>({ host: '127.0.0.1', port });

async function read(most: number): Promise<number> {
  let count = 0;
  let start = '-';
  while (count < most) {
    const batch = await redis.xrange(
      stream,
      start,
      '+',
      'COUNT',
      Math.min(ENTRIES_PER_READ, most - count),
    );
    const last = batch.at(-1);
    if (last === undefined) break;
    count += batch.length;
    start = `(${last[0]}`;
  }
  return count;
}

await readThrough(read, extent);
redis.disconnect();
