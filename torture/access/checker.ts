import { covers, namespacesNamed, type Tenant } from './tenants.js';

/** Knows what each caller may see, and counts what it saw otherwise. */
export class Checker {
  readonly faults: string[] = [];
  calls = 0;
  refused = 0;
  /** Calls that had no answer, because the store was away or the connection was cut. */
  unanswered = 0;

  /** Any bytes or text that a caller got. */
  saw(tenant: Tenant, call: string, answer: Uint8Array | string): void {
    const text = typeof answer === 'string' ? answer : Buffer.from(answer).toString('latin1');
    for (const namespace of namespacesNamed(text)) {
      if (!covers(tenant.read, namespace)) {
        this.faults.push(`leak: ${tenant.name} saw ${namespace} by ${call}`);
      }
    }
  }

  /** The outcome of a call that is allowed or not. */
  decided(tenant: Tenant, call: string, isAllowed: boolean, refusal: string | undefined): void {
    this.calls += 1;
    if (refusal !== undefined) this.refused += 1;
    if (isAllowed && refusal !== undefined) {
      this.faults.push(`wrongly refused: ${tenant.name}, ${call}: ${refusal}`);
    }
    if (!isAllowed && refusal === undefined) {
      this.faults.push(`wrongly allowed: ${tenant.name}, ${call}`);
    }
  }
}
