import { ackDurable } from './ack-durable.js';
import { agreed } from './agreed.js';
import { bookmarkable } from './bookmarkable.js';
import { dedupeOnce } from './dedupe-once.js';
import { exitNeverLost } from './exit-never-lost.js';
import { filterExact } from './filter-exact.js';
import { gapHonest } from './gap-honest.js';
import { onlyKnownErrors } from './only-known-errors.js';
import { ordered } from './ordered.js';
import { reliable } from './reliable.js';
import { resumable } from './resumable.js';
import { unique } from './unique.js';
import type { Validator } from './verdict.js';

/** The properties of the delivery rules, and two more: Agreed and OnlyKnownErrors. */
export const VALIDATORS: readonly Validator[] = [
  ordered,
  unique,
  reliable,
  resumable,
  agreed,
  bookmarkable,
  filterExact,
  gapHonest,
  ackDurable,
  dedupeOnce,
  exitNeverLost,
  onlyKnownErrors,
];
