import type { ConsumerClock } from './facts.js';
import { LocalConsumerStore } from './local-store.js';

/** Consumers that end with the process, beside a history in memory. */
export function memoryConsumerStore(clock: ConsumerClock): LocalConsumerStore {
  const log = {
    append: (_change: unknown, apply: () => void): Promise<void> => {
      apply();
      return Promise.resolve();
    },
    close: () => Promise.resolve(true),
  };
  return new LocalConsumerStore(new Map(), log, clock);
}
