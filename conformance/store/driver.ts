import type { Durability, EventStore, StoreSettings } from '../../server/history/driver.js';

/** How many random histories a property tries by default. */
export const RANDOM_HISTORIES = 60;

/** A driver under test. Differences between drivers are declared here. */
export interface StoreDriver {
  readonly name: string;
  readonly durability: Durability;
  /** Whether a closed history can be opened again. */
  readonly persistent: boolean;
  /** Whether its locations have `damage`. */
  readonly damageable: boolean;
  /** How many random histories each property tries; `RANDOM_HISTORIES` if not given. */
  readonly randomHistories?: number;
  /** Makes a location for one history: a directory, a key prefix. */
  makeLocation(): Promise<StoreLocation>;
}

export interface StoreLocation {
  /** Opens the history of this location. It is new at first, and always if not persistent. */
  open(settings: StoreSettings): Promise<EventStore>;
  /**
   * Changes a byte of the stored envelopes that contain a text, while the history is closed. Only
   * called for a damageable driver.
   */
  damage?(text: string): Promise<void>;
  remove(): Promise<void>;
}
