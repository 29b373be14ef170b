import { Redis } from 'ioredis';
import { runClosedLoop, type LoadSettings } from './closed-loop.js';

/** The program's first argument, as JSON. */
export interface PlainSettings extends LoadSettings {
  readonly port: number;
  /** Key of the stream. */
  readonly stream: string;
  /** Size of each entry's value. */
  readonly bytes: number;
}

const { port, stream, bytes, ...load } = JSON.parse(process.argv[2] ?? '') as PlainSettings;
const redis = new Redis<'legacy'>({ host: '127.0.0.1', port });
// ioredis sends text with the least work.
const value = 'x'.repeat(bytes);
await redis.ping();
await runClosedLoop(() => redis.xadd(stream, '*', 'e', value), load);
redis.disconnect();
