import { FoghornError } from './errors.js';

/** Why entries are lost to a reader; `unknown` is a reason that this version has no word for. */
export type LossReason =
  'trimmed' | 'rolled back' | 'store recreated' | 'damaged' | 'not recorded' | 'unknown';

/** Causes of a loss, each a clause for people. */
export const LOSS_CAUSES: Readonly<Record<LossReason, string>> = {
  trimmed: 'retention removed them',
  'rolled back': 'the history lost its newest events',
  'store recreated': 'the history was recreated',
  damaged: 'they are damaged in the store',
  'not recorded': 'a recorder was away or behind (see topic /foghorn/recorder)',
  unknown: 'the broker no longer has them',
};

const EXPLANATIONS: Record<LossReason, string> = {
  trimmed: 'the entries after it were trimmed',
  'rolled back': 'the store has since lost its newest entries, as after restoring an older copy',
  'store recreated': 'it belongs to another history: the store was recreated',
  damaged: 'the entries after it are damaged in the store',
  'not recorded': 'a recorder may have missed events after it',
  unknown: 'the broker no longer has the entries after it',
};

/** Entries that a reader asked for and cannot have. */
interface Loss {
  readonly reason: LossReason;
  /** The cursor that the reader wanted to read after. */
  readonly from: string;
  /** The cursor before the next entry that can be read. */
  readonly to: string;
}

/** The error of a reader that is to fail at a gap: DATA_LOSS for damage, else OUT_OF_RANGE. */
export function gapError({ reason, from, to }: Loss): FoghornError {
  return new FoghornError(
    reason === 'damaged' ? 'DATA_LOSS' : 'OUT_OF_RANGE',
    `cannot go on after cursor ${from}: ${EXPLANATIONS[reason]} (the first entry kept follows cursor ${to})`,
  );
}
