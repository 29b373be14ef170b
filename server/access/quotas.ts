import { Quota, type QuotaLimits } from './quota.js';

/** Callers that are remembered. Those that use nothing are forgotten first. */
const MAX_CALLERS = 10_000;

/** The quotas of all callers by name, so that another connection or token brings no other quota. */
export class Quotas {
  readonly #byName = new Map<string, Quota>();

  /** @param report takes the caller's name and the limit of each refusal */
  constructor(private readonly report: (name: string, limit: string) => void) {}

  /** The quota of a caller with these limits; undefined for a caller without limits. */
  of(name: string, limits: QuotaLimits | undefined): Quota | undefined {
    if (limits === undefined) return undefined;
    let quota = this.#byName.get(name);
    if (quota === undefined) {
      quota = new Quota(name, this.report);
      this.#forgetIdle();
      this.#byName.set(name, quota);
    }
    quota.apply(limits);
    return quota;
  }

  #forgetIdle(): void {
    for (const [name, quota] of this.#byName) {
      if (this.#byName.size < MAX_CALLERS) return;
      if (quota.isIdle) this.#byName.delete(name);
    }
  }
}
