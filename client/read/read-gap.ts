import { FoghornError } from '../../protocol/errors.js';
import type { LossReason, ReadMessage } from './read-message.js';

export type ReadGap = Extract<ReadMessage, { kind: 'gap' }>;

const EXPLANATIONS: Record<LossReason, string> = {
  trimmed: 'the entries after it were trimmed',
  'rolled back': 'the store has lost its newest entries since, as after restoring an older copy',
  'store recreated': 'it belongs to another history: the store was made anew',
  unknown: 'the broker no longer has what comes after it',
};

/** What a reader is told that wants to fail at a gap, when the broker found it only while it was reading. */
export function gapError({ reason, from, cursor }: ReadGap): FoghornError {
  return new FoghornError(
    'OUT_OF_RANGE',
    `cannot go on after cursor ${from}: ${EXPLANATIONS[reason]} (the first entry kept follows cursor ${cursor})`,
  );
}
