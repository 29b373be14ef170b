/** Settings of a publisher. */
export interface PublisherSettings {
  /** Prefix of its containers' ids. */
  readonly name: string;
  /** The brokers; each of its processes connects to the next one. */
  readonly addresses: readonly string[];
  readonly namespace: string;
  readonly record: string;
  readonly seed: number;
  readonly containers: number;
  /** Concurrent calls. */
  readonly atOnce: number;
  /** Milliseconds between two batches. */
  readonly pauseMs: number;
  /** Share of events that are forwarded, from 0 to 1; the others are published. */
  readonly forwarded: number;
  readonly spool: string | null;
}

export function containerName({ name }: { readonly name: string }, index: number): string {
  return `${name}-c${index}`;
}
