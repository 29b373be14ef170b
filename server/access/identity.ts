import { FoghornError } from '../../protocol/errors.js';
import { LONGEST_TIMER_MS } from '../../protocol/clock.js';
import type { Caller } from './caller.js';

/** The kind of proof of an identity; nothing, where every caller has every right. */
export type Proof = 'certificate' | 'token' | 'JWT' | 'socket' | 'nothing';

/** A proved identity: who calls, for as long as the proof is valid. */
export interface Identity {
  readonly caller: Caller;
  readonly by: Proof;
  /** Whether the proof is valid now. Absent where it always is. */
  readonly isValid?: boolean;
  /**
   * Calls back once when the proof is valid no more, until the returned function is called. Absent
   * where that cannot happen.
   */
  readonly onEnd?: (listener: () => void) => () => void;
}

/** An identity by a credential that expires or is revoked. */
export class EndingIdentity implements Identity {
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  /** @param expires milliseconds since 1970; undefined for never */
  constructor(
    readonly caller: Caller,
    readonly by: Proof,
    private readonly expires: number | undefined,
  ) {}

  /** Whether the credential proves the identity now. */
  get isValid(): boolean {
    return !this.#isOver && (this.expires === undefined || Date.now() < this.expires);
  }

  /** Whether a call depends on it. */
  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  readonly onEnd = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#watchClock();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  };

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener();
  }

  #watchClock(): void {
    if (this.expires === undefined || this.#timer !== undefined) return;
    const left = Math.max(0, this.expires - Date.now());
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        if (this.isValid) this.#watchClock();
        else this.end();
      },
      Math.min(left, LONGEST_TIMER_MS),
    ).unref();
  }
}

/** The only answer to a caller that has not proved who it is: it does not say what was wrong. */
export function unauthenticated(): FoghornError {
  return FoghornError.refusal(
    'UNAUTHENTICATED',
    'the caller is not identified: expected a valid client certificate or bearer token',
  );
}
