import type { ConsumerStore } from '../../server/consumers/driver.js';

/** A driver under test. */
export interface ConsumerStoreDriver {
  readonly name: string;
  /** Whether consumers can be opened again after `close` or `crash`. */
  readonly persistent: boolean;
  makeLocation(): Promise<ConsumerLocation>;
}

export interface ConsumerLocation {
  /** Opens the consumers of this location, none at first. The history has 100 entries. */
  open(): Promise<ConsumerStore>;
  /** Leaves a store as if its process were killed. */
  crash(store: ConsumerStore): Promise<void>;
  remove(): Promise<void>;
}
