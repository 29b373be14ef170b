import type { Caller, Right } from './caller.js';
import type { NamespaceSet } from './namespace-set.js';
import type { Quota, QuotaLimits } from './quota.js';
import type { Quotas } from './quotas.js';
import { limitsOf, rightsOf, type AccessRules, type Principal, type Rights } from './rules.js';

/** Rights and limits that rules give to a caller. */
export interface Granted {
  readonly rights: Rights;
  readonly limits: QuotaLimits | undefined;
}

/** Derives what a caller may do from rules. */
export type DeriveGranted = (rules: AccessRules) => Granted;

/** Derives the rights and limits of an identified caller. */
export function grantedTo(principal: Principal): DeriveGranted {
  return (rules) => ({ rights: rightsOf(rules, principal), limits: limitsOf(rules, principal) });
}

/** A caller with the rights of the current rules, which may change while it calls. */
export class RuledCaller implements Caller {
  #rights: Rights;
  #quota: Quota | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(
    readonly name: string,
    private derive: DeriveGranted,
    rules: AccessRules,
    private readonly quotas: Quotas,
  ) {
    const { rights, limits } = derive(rules);
    this.#rights = rights;
    this.#quota = quotas.of(name, limits);
  }

  may(right: Right, namespace: string): boolean {
    return this.#rights[right].has(namespace);
  }

  get readable(): NamespaceSet {
    return this.#rights.read;
  }

  get quota(): Quota | undefined {
    return this.#quota;
  }

  readonly onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Applies new rules, and another derivation if the caller's groups have changed. */
  apply(rules: AccessRules, derive = this.derive): void {
    this.derive = derive;
    const before = this.#rights;
    const { rights, limits } = derive(rules);
    this.#quota = this.quotas.of(this.name, limits);
    this.#rights = rights;
    if (before.read.equals(rights.read)) return;
    for (const listener of [...this.#listeners]) listener();
  }
}
