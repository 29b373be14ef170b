import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { uptime } from '../../protocol/clock.js';
import type { ConsumerStore } from './consumer-store.js';
import type { ConsumerClock } from './facts.js';

/** Name of the file with the consumers, in the directory of an embedded history. */
const FILE = 'consumers';

export interface OpenConsumersOptions {
  /** Offset of the newest entry of the history. */
  readonly last: number;
  /** Called with a sentence for the operator. */
  readonly warn: (text: string) => void;
}

/**
 * Opens the consumers of the history at a URL, see `openStore`, which must be open: it makes sure
 * that no other process uses an embedded one.
 */
export async function openConsumers(
  url: string,
  options: OpenConsumersOptions,
): Promise<ConsumerStore> {
  const path = /^lmdb:(?:\/\/)?(.+)$/.exec(url)?.[1];
  if (path !== undefined) {
    const { openConsumerFile } = await import('./file/file-store.js');
    return openConsumerFile(join(resolve(path), FILE), CLOCK, {
      ...options,
      boot: await bootOfMachine(),
    });
  }
  if (url !== 'memory:') {
    const { RedisConsumerStore } = await import('./redis/redis-consumers.js');
    return RedisConsumerStore.open(url);
  }
  const { memoryConsumerStore } = await import('./memory-store.js');
  return memoryConsumerStore(CLOCK);
}

/** A text that changes with each boot of the machine; undefined if the system has none. */
async function bootOfMachine(): Promise<string | undefined> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  } catch {
    return undefined;
  }
}

const CLOCK: ConsumerClock = {
  uptime: () => Number(uptime() / 1000n) / 1000,
  date: () => Date.now(),
};
