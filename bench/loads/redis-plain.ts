import { Redis } from 'ioredis';
import { runClosedLoop, type LoadSettings } from './closed-loop.js';

/** What the program is told, as JSON in its first argument. */
export interface PlainSettings extends LoadSettings {
  readonly port: number;
  /** What it adds to. */
  readonly stream: string;
  /** Of what is stored in each entry. */
  readonly bytes: number;
}

const { port, stream, bytes, ...load } = JSON.parse(process.argv[2] ?? '') as PlainSettings;
const redis = new Redis({ host: '127.0.0.1', port });
// Text is what ioredis sends with the least work.
const value = 'x'.repeat(bytes);
await redis.ping();
await runClosedLoop(() => redis.xadd(stream, '*', 'e', value), load);
redis.disconnect();
