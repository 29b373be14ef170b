/** What a waiter of the checks is told. */
export interface WaiterSettings {
  /** It asks them all. */
  readonly addresses: readonly string[];
  readonly record: string;
  readonly seed: number;
  readonly containers: readonly { readonly namespace: string; readonly id: string }[];
  readonly atOnce: number;
  /** Milliseconds that it waits for one exit. */
  readonly patienceMs: number;
}
