import type { ErrorCode } from '../../../../protocol/errors.js';

/** A request to a store process. */
export interface StoreCall {
  readonly id: number;
  /** A key of `StoreActions`. */
  readonly action: string;
  readonly args: readonly unknown[];
}

/** An event that a caller of `appendForever` sent, with the answer to its append. */
export interface Acknowledged {
  readonly caller: number;
  readonly event: number;
  readonly text: string;
  readonly isLasting: boolean;
  readonly offset: number;
  readonly duplicate: boolean;
}

/** An answer to a request, or an append that was acknowledged meanwhile. */
export interface StoreAnswer {
  readonly id?: number;
  readonly value?: unknown;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
  readonly acknowledged?: Acknowledged;
}
