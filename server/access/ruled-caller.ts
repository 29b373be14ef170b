import type { Caller, Right } from './caller.js';
import type { NamespaceSet } from './namespace-set.js';
import { areSame, rightsOf, type AccessRules, type Principal, type Rights } from './rules.js';

/** Derives a caller's rights from rules. */
export type DeriveRights = (rules: AccessRules) => Rights;

/** The rights of an identified caller. */
export function rightsOfPrincipal(principal: Principal): DeriveRights {
  return (rules) => rightsOf(rules, principal);
}

/** A caller with the rights of the current rules, which may change while it calls. */
export class RuledCaller implements Caller {
  #rights: Rights;
  readonly #listeners = new Set<() => void>();

  constructor(
    readonly name: string,
    private derive: DeriveRights,
    rules: AccessRules,
  ) {
    this.#rights = derive(rules);
  }

  may(right: Right, namespace: string): boolean {
    return this.#rights[right].has(namespace);
  }

  get readable(): NamespaceSet {
    return this.#rights.read;
  }

  readonly onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Applies new rules, and another derivation if the caller's groups have changed. */
  apply(rules: AccessRules, derive = this.derive): void {
    this.derive = derive;
    const before = this.#rights;
    const rights = derive(rules);
    if (areSame(before, rights)) return;
    this.#rights = rights;
    if (before.read.equals(rights.read)) return;
    for (const listener of [...this.#listeners]) listener();
  }
}
