import { FoghornError } from '../../protocol/errors.js';
import { goQuote } from '../events/go-text.js';
import { DebtBucket } from './debt-bucket.js';

/** Limits of how much a caller has at a time, by their names in the access file. */
export const HELD_LIMITS = ['connections', 'calls', 'subscriptions', 'filters', 'waits'] as const;
/** Limits per second. */
export const RATE_LIMITS = ['events-in', 'bytes-in', 'events-out', 'bytes-out'] as const;

type Held = (typeof HELD_LIMITS)[number];
type Rate = (typeof RATE_LIMITS)[number];

/** The limits of a caller; those that are absent do not exist. */
export type QuotaLimits = Readonly<Partial<Record<Held | Rate, number>>>;

/** When it is unknown how long a caller keeps what it has, it is asked to wait this long. */
const HELD_RETRY_MS = 1000;

/** How much one caller uses, on all its connections to this broker, and how much it may. */
export class Quota {
  #limits: QuotaLimits = {};
  readonly #held = new Map<Held, number>();
  #rates = new Map<Rate, DebtBucket>();

  /**
   * @param report takes each refusal
   * @param now in milliseconds
   */
  constructor(
    private readonly name: string,
    private readonly report: (name: string, limit: string) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Applies limits from now on. What is held already stays, even above a lower limit. */
  apply(limits: QuotaLimits): void {
    this.#limits = limits;
    const before = this.#rates;
    this.#rates = new Map();
    for (const name of RATE_LIMITS) {
      const rate = limits[name];
      if (rate === undefined) continue;
      const known = before.get(name);
      this.#rates.set(name, known?.perSecond === rate ? known : new DebtBucket(rate, this.now));
    }
  }

  /** Whether the caller has nothing, and has used nothing for a while. */
  get isIdle(): boolean {
    for (const bucket of this.#rates.values()) if (!bucket.isFull) return false;
    for (const held of this.#held.values()) if (held > 0) return false;
    return true;
  }

  /**
   * Counts something that the caller has until the returned function is called. Throws
   * RESOURCE_EXHAUSTED above the limit.
   */
  hold(what: Held, amount = 1): () => void {
    const held = this.#held.get(what) ?? 0;
    const limit = this.#limits[what] ?? Infinity;
    if (held + amount > limit) throw this.#exceeded(`${limit} ${what}`, HELD_RETRY_MS);
    this.#held.set(what, held + amount);
    let isHeld = true;
    return () => {
      if (isHeld) this.#held.set(what, (this.#held.get(what) ?? 0) - amount);
      isHeld = false;
    };
  }

  /** Like `hold`, for a subscription and its filters. */
  holdSubscription(filters: number): () => void {
    const leave = this.hold('subscriptions');
    try {
      const leaveFilters = this.hold('filters', filters);
      return () => {
        leave();
        leaveFilters();
      };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Throws RESOURCE_EXHAUSTED if the caller may store nothing now. */
  checkIn(): void {
    const waitMs = this.#waitInMs;
    if (waitMs > 0) throw this.#exceeded(this.#exceededRateIn, waitMs);
  }

  /**
   * Milliseconds that a publisher pauses until it may store something; 0 for not at all, or for
   * longer than `mostMs`. Reports the pause.
   */
  pauseInMs(mostMs: number): number {
    const waitMs = this.#waitInMs;
    if (waitMs === 0 || waitMs > mostMs) return 0;
    this.report(this.name, this.#exceededRateIn);
    return waitMs;
  }

  get #waitInMs(): number {
    const events = this.#rates.get('events-in')?.waitMs ?? 0;
    return Math.max(events, this.#rates.get('bytes-in')?.waitMs ?? 0);
  }

  get #exceededRateIn(): string {
    const isEvents = (this.#rates.get('events-in')?.waitMs ?? 0) > 0;
    const exceeded = isEvents ? 'events-in' : 'bytes-in';
    return `${this.#limits[exceeded] ?? 0} ${exceeded} per second`;
  }

  /** Counts what the caller stores. */
  countIn(events: number, bytes: number): void {
    this.#rates.get('events-in')?.take(events);
    this.#rates.get('bytes-in')?.take(bytes);
  }

  /** Milliseconds until the caller may be given more; 0 for now. */
  get waitOutMs(): number {
    const events = this.#rates.get('events-out')?.waitMs ?? 0;
    return Math.max(events, this.#rates.get('bytes-out')?.waitMs ?? 0);
  }

  /** Counts what the caller is given. */
  countOut(views: readonly { readonly wireBytes: number }[]): void {
    this.#rates.get('events-out')?.take(views.length);
    const bytes = this.#rates.get('bytes-out');
    if (bytes === undefined) return;
    let sum = 0;
    for (const { wireBytes } of views) sum += wireBytes;
    bytes.take(sum);
  }

  #exceeded(limit: string, retryAfterMs: number): FoghornError {
    this.report(this.name, limit);
    const text = `${goQuote(this.name)} may have at most ${limit}: expected a pause of ${retryAfterMs} ms`;
    return FoghornError.refusal('RESOURCE_EXHAUSTED', text, retryAfterMs);
  }
}
