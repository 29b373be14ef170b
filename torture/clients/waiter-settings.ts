/** Settings of a waiter. */
export interface WaiterSettings {
  /** Brokers, all of which it asks. */
  readonly addresses: readonly string[];
  readonly record: string;
  readonly seed: number;
  readonly containers: readonly { readonly namespace: string; readonly id: string }[];
  readonly atOnce: number;
  /** Milliseconds it waits for one exit. */
  readonly patienceMs: number;
}
