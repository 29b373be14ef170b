import type { Caller } from '../access/caller.js';
/** A call as interceptors see it. */
export interface InterceptedCall {
  readonly caller: Caller;
  /** `/package.Service/Method`. */
  readonly path: string;
  /** The first value of a metadata key, in lower case; undefined where the caller sent none. */
  metadata(key: string): string | undefined;
}

/**
 * Sees every call of a method that exists. Its hooks are called synchronously, so that a call pays
 * for nothing but the hooks there are.
 */
export interface Interceptor {
  /** The call's metadata has arrived. Refuses the call by throwing a FoghornError. */
  begin?(call: InterceptedCall): void;
  /** The call fails with this error; returns the one to go on with. Must not throw. */
  fail?(error: unknown, call: InterceptedCall): unknown;
  /**
   * The call is over: answered, cancelled, or its connection lost. Called once for each call that
   * began, with the gRPC status. Must not throw.
   */
  end?(call: InterceptedCall, status: number): void;
}

/** Interceptors in order: a call passes the first one first, and leaves it last. */
export class InterceptorChain {
  readonly #begins: readonly Interceptor[];
  readonly #fails: readonly Interceptor[];
  readonly #ends: readonly Interceptor[];

  constructor(interceptors: readonly Interceptor[]) {
    const inwards = [...interceptors];
    const outwards = inwards.toReversed();
    this.#begins = inwards.filter((each) => each.begin !== undefined);
    this.#fails = outwards.filter((each) => each.fail !== undefined);
    this.#ends = outwards.filter((each) => each.end !== undefined);
  }

  begin(call: InterceptedCall): void {
    for (const interceptor of this.#begins) interceptor.begin?.(call);
  }

  fail(error: unknown, call: InterceptedCall): unknown {
    let current = error;
    for (const interceptor of this.#fails) current = interceptor.fail?.(current, call);
    return current;
  }

  end(call: InterceptedCall, status: number): void {
    for (const interceptor of this.#ends) interceptor.end?.(call, status);
  }
}
