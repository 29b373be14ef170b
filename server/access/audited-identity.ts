import type { Caller, CallerAudit, Right } from './caller.js';
import type { Identity, Proof } from './identity.js';
import type { NamespaceSet } from './namespace-set.js';
import type { Quota } from './quota.js';

/** An identity as one connection proves it: what its caller does is audited with the address. */
export class AuditedIdentity implements Identity {
  readonly caller: Caller;
  readonly by: Proof;
  readonly onEnd?: (listener: () => void) => () => void;

  constructor(
    private readonly identity: Identity,
    audit: CallerAudit,
  ) {
    this.caller = new AuditedCaller(identity.caller, audit);
    this.by = identity.by;
    if (identity.onEnd !== undefined) this.onEnd = identity.onEnd;
  }

  get isValid(): boolean {
    return this.identity.isValid ?? true;
  }
}

class AuditedCaller implements Caller {
  readonly name: string;
  readonly onChange?: (listener: () => void) => () => void;

  constructor(
    private readonly caller: Caller,
    readonly audit: CallerAudit,
  ) {
    this.name = caller.name;
    if (caller.onChange !== undefined) this.onChange = caller.onChange;
  }

  may(right: Right, namespace: string): boolean {
    return this.caller.may(right, namespace);
  }

  get readable(): NamespaceSet {
    return this.caller.readable;
  }

  get quota(): Quota | undefined {
    return this.caller.quota;
  }
}
