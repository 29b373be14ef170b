import type { ConnectionReport } from './contracts.js';

/** Whether a recorder follows its daemon. */
interface FollowingState {
  readonly isFollowing: boolean;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** The reason why not; empty if it does. */
  readonly reason: string;
}

/** Tracks whether a recorder follows its daemon, and how often it could not. */
export class Following implements ConnectionReport {
  #state: FollowingState | undefined;
  #missedSpans = 0;
  readonly #listeners = new Set<() => void>();

  /** @param report receives the same calls, for the operator */
  constructor(private readonly report: ConnectionReport) {}

  /** Undefined until the first connection was made or has failed. */
  get state(): FollowingState | undefined {
    return this.#state;
  }

  /** Spans of time in which events may be missing, since the recorder was started. */
  get missedSpans(): number {
    return this.#missedSpans;
  }

  connected(): void {
    this.report.connected();
    this.#enter(true, '');
  }

  disconnected(error: Error): void {
    this.report.disconnected(error);
    this.#enter(false, error.message);
  }

  /** The recorder takes nothing from its daemon for a while, by itself. */
  paused(reason: string): void {
    this.#enter(false, reason);
  }

  /** Notes that events of a span of time may be missing. */
  missed(): void {
    this.#missedSpans += 1;
    this.#changed();
  }

  /** Calls a function after each change, until the returned function is called. */
  onChange(call: () => void): () => void {
    this.#listeners.add(call);
    return () => this.#listeners.delete(call);
  }

  #enter(isFollowing: boolean, reason: string): void {
    const { isFollowing: before, since = Date.now(), reason: known } = this.#state ?? {};
    if (before === isFollowing && known === reason) return;
    const entered = before === isFollowing ? since : Date.now();
    this.#state = { isFollowing, since: entered, reason };
    this.#changed();
  }

  #changed(): void {
    for (const call of [...this.#listeners]) call();
  }
}
