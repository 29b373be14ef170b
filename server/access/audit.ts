import { AuditLines, type Repeats } from './audit-lines.js';
import { AuditedIdentity } from './audited-identity.js';
import type { CallerAudit, Right } from './caller.js';
import type { Identity } from './identity.js';

/** Namespaces of each right whose counters a connection keeps; further ones are looked up. */
const MAX_USES = 1000;

/** Outcomes of checks that are counted. */
export type Verdict = 'identified' | 'unidentified' | 'allowed' | 'denied' | 'limited';

/** Counts who connected and what each was allowed, and writes it down where that is wanted. */
export class Audit {
  readonly verdicts: Record<Verdict, number> = {
    identified: 0,
    unidentified: 0,
    allowed: 0,
    denied: 0,
    limited: 0,
  };
  readonly #lines: AuditLines | undefined;
  /** The number of the period, by which callers notice that their counts have been written. */
  #period = 0;

  /**
   * @param reportUnidentified takes each caller without a valid identity, too
   * @param write takes each line with its end; undefined where verdicts are only counted
   */
  constructor(
    private readonly reportUnidentified: (address: string, reason: string) => void,
    write?: (line: string) => void,
  ) {
    this.#lines = write && new AuditLines(write);
  }

  /** The broker has started, or is about to end: lines between the two are complete. */
  note(audit: 'started' | 'stopped'): void {
    this.#lines?.once({ audit });
  }

  /** The access file was read again. */
  rules(file: string, verdict: 'in force' | 'refused', reason?: string): void {
    this.#lines?.once({ audit: 'rules', file, verdict, reason });
  }

  /** A connection proves an identity. Returns the identity whose caller is audited. */
  identified(identity: Identity, address: string): Identity {
    this.verdicts.identified += 1;
    const { by, caller } = identity;
    const who = { name: caller.name, by, ...(address !== '' && { address }) };
    this.#lines?.repeatable({ audit: 'identified', ...who });
    return new AuditedIdentity(identity, new AuditOf(this, this.#lines, who));
  }

  /** A caller has no identity, or its proof is not valid. */
  unidentified(address: string, reason: string): void {
    this.verdicts.unidentified += 1;
    this.reportUnidentified(address, reason);
    this.#lines?.repeatable({ audit: 'unidentified', address, reason });
  }

  /** A caller has reached a limit of its quota, on all its connections together. Bound. */
  readonly limited = (name: string, limit: string): void => {
    this.verdicts.limited += 1;
    this.#lines?.repeatable({ audit: 'limited', name, limit });
  };

  get period(): number {
    return this.#period;
  }

  /** Writes what was only counted since the last call. Called each minute, and at the end. */
  endPeriod(): void {
    this.#period += 1;
    this.#lines?.endPeriod();
  }
}

/** The part of an audit that is about one caller on one connection. */
class AuditOf implements CallerAudit {
  #period = 0;
  /** Uses of rights in this period, because each event that is published is one. */
  readonly #uses = new Map<Right, Map<string, Repeats>>();

  constructor(
    private readonly audit: Audit,
    private readonly lines: AuditLines | undefined,
    private readonly who: Readonly<Record<string, string>>,
  ) {}

  allowed(right: Right, namespace: string): void {
    const { audit, lines } = this;
    audit.verdicts.allowed += 1;
    if (lines === undefined) return;
    if (audit.period !== this.#period) {
      this.#uses.clear();
      this.#period = audit.period;
    }
    const uses = this.#uses.get(right)?.get(namespace);
    if (uses !== undefined) uses.count += 1;
    else this.#use(lines, right, namespace);
  }

  #use(lines: AuditLines, right: Right, namespace: string): void {
    const repeats = lines.repeatable({ audit: 'allowed', ...this.who, right, namespace });
    let uses = this.#uses.get(right);
    if (uses === undefined) this.#uses.set(right, (uses = new Map<string, Repeats>()));
    // A caller can name any number of namespaces, and most of their lines are left out.
    if (uses.size < MAX_USES) uses.set(namespace, repeats);
  }

  denied(request: Readonly<Record<string, string>>): void {
    this.audit.verdicts.denied += 1;
    this.lines?.repeatable({ audit: 'denied', ...this.who, ...request });
  }

  changed(change: Readonly<Record<string, string>>): void {
    this.lines?.once({ audit: 'changed', ...this.who, ...change });
  }
}
