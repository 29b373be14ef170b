import { FoghornError, codeOfGrpcStatus } from '../../protocol/errors.js';
import type { AppendResult } from '../../protos/gen/foghorn/v1/history.js';

/** What became of one event that was sent: its place in history, or why it was not stored. */
export type Outcome = Stored | FoghornError;

/**
 * In the history, as durably as the store promises. The cursor is its place, or that of the first one if
 * it was there already; empty when the peer keeps no history, as containerd.
 */
export interface Stored {
  readonly kind: 'stored';
  readonly cursor: string;
  readonly duplicate: boolean;
}

export function outcomeOf({ result }: AppendResult): Outcome {
  switch (result?.$case) {
    case 'appended':
      return { kind: 'stored', ...result.value };
    case 'error':
      return new FoghornError(codeOfGrpcStatus(result.value.code), result.value.message);
    case undefined:
      return new FoghornError('UNKNOWN', 'the broker did not say whether the event was stored');
  }
}
