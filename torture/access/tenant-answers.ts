import { status, type ServiceError } from '@grpc/grpc-js';
import type { StreamProbe } from '../../test/support/stream-probe.js';
import type { Checker } from './checker.js';
import { covers, type Namespace, type Tenant } from './tenants.js';

/** Has the answers to one caller's calls checked by the caller's rights. */
export class TenantAnswers {
  constructor(
    private readonly tenant: Tenant,
    private readonly checker: Checker,
  ) {}

  mayPublish(namespace: Namespace): boolean {
    return covers(this.tenant.publish, namespace);
  }

  mayRead(namespace: Namespace): boolean {
    return covers(this.tenant.read, namespace);
  }

  saw(call: string, answer: Uint8Array | string): void {
    this.checker.saw(this.tenant, call, answer);
  }

  decided(call: string, isAllowed: boolean, refusal: string | undefined): void {
    this.checker.decided(this.tenant, call, isAllowed, refusal);
  }

  missing(what: string): void {
    this.checker.faults.push(`missing: ${this.tenant.name}${what}`);
  }

  /** Makes a call, and counts it as unanswered if its answer was cut off or came too late. */
  async counted(call: () => Promise<void>): Promise<void> {
    try {
      await call();
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      this.checker.unanswered += 1;
    }
  }

  /** The text with which a stream was refused; undefined if it was not. Rejects if it was cut. */
  async ended(call: string, stream: StreamProbe<Buffer>): Promise<string | undefined> {
    const { code, details } = await stream.status;
    for (const message of stream.messages) this.saw(call, message);
    return this.#refusal(call, code, details);
  }

  /** The text with which a call was refused; undefined if it was not. Rejects if it was cut. */
  async outcome(call: string, answer: Promise<Buffer | undefined>): Promise<string | undefined> {
    try {
      this.saw(call, (await answer) ?? '');
      return undefined;
    } catch (error) {
      const { code, details } = error as ServiceError;
      return this.#refusal(call, code, details);
    }
  }

  #refusal(call: string, code: status, details: string): string | undefined {
    this.saw(`the status of ${call}`, details);
    if (code === status.UNAVAILABLE) throw new Unanswered(details);
    return code === status.PERMISSION_DENIED ? details : undefined;
  }
}

/** A store that is away, or a slow machine, leaves calls without an answer; that shows nothing. */
class Unanswered extends Error {}

function isUnanswered(error: unknown): boolean {
  const { code, message } = error as { readonly code?: unknown; readonly message?: string };
  return (
    error instanceof Unanswered ||
    code === status.UNAVAILABLE ||
    code === 'UNAVAILABLE' ||
    // The client's own limit of a call, on a slow machine.
    code === 'DEADLINE_EXCEEDED' ||
    code === 'ECONNRESET' ||
    message === 'aborted'
  );
}
