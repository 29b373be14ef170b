import { FoghornError, codeOfGrpcStatus } from '../../protos/errors.js';
import type { AppendResult } from '../../protos/gen/foghorn/v1/history.js';

/** What became of one event that was sent: its place in history, or why it was not stored. */
export type Outcome = Stored | FoghornError;

export interface Stored {
  /** Empty when the peer keeps no history. */
  readonly cursor: string;
  readonly duplicate: boolean;
}

export function outcomeOf({ result }: AppendResult): Outcome {
  switch (result?.$case) {
    case 'appended':
      return result.value;
    case 'error':
      return new FoghornError(codeOfGrpcStatus(result.value.code), result.value.message);
    case undefined:
      return new FoghornError('UNKNOWN', 'the broker did not say whether the event was stored');
  }
}
