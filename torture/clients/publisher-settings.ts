/** What a publisher of the checks is told. */
export interface PublisherSettings {
  /** Its containers are called after it. */
  readonly name: string;
  /** Each of its processes takes the next one. */
  readonly addresses: readonly string[];
  readonly namespace: string;
  readonly record: string;
  readonly seed: number;
  readonly containers: number;
  /** How many events are under way at once. */
  readonly atOnce: number;
  /** Milliseconds between one batch and the next. */
  readonly pauseMs: number;
  /** How much of it is forwarded, 0 to 1; the rest is published. */
  readonly forwarded: number;
  readonly spool: string | null;
}

export function containerName({ name }: { readonly name: string }, index: number): string {
  return `${name}-c${index}`;
}
