import type { Fact } from '../records/fact.js';
import type { PublisherLine } from '../records/lines.js';
import type { LineRef, Recorded } from '../records/record-reader.js';
import type { Facts } from './known-entry.js';

/** One call of a publisher and its outcome; `unknown` when its process was killed. */
export interface Attempt {
  readonly publisher: string;
  /** Number of the publisher's process that made the call. */
  readonly process: number;
  readonly n: number;
  readonly text: string;
  readonly fact: Fact;
  readonly again: boolean;
  readonly invokedAt: number;
  /** Infinity when no answer is known. */
  readonly answeredAt: number;
  readonly answer:
    | { readonly kind: 'stored'; readonly cursor: string; readonly duplicate: boolean }
    | { readonly kind: 'spooled' }
    | { readonly kind: 'failed'; readonly code: string; readonly message: string }
    | { readonly kind: 'unknown' };
  readonly refs: readonly LineRef[];
}

/** An attempt whose event was acknowledged. */
export type StoredAttempt = Attempt & { readonly answer: { readonly kind: 'stored' } };

export function isStored(attempt: Attempt): attempt is StoredAttempt {
  return attempt.answer.kind === 'stored';
}

/** Returns the calls in a publisher's record, in their order. */
export function attemptsOf(
  publisher: string,
  lines: readonly Recorded<PublisherLine>[],
  facts: Facts,
): Attempt[] {
  const attempts = new Map<number, Attempt>();
  let process = 0;
  for (const line of lines) {
    if (line.kind === 'begin') process += 1;
    else if (line.kind === 'invoke') {
      const { n, fact: text, again, at: invokedAt } = line;
      attempts.set(n, {
        ...{ publisher, process, n, text, fact: facts.get(text), again, invokedAt },
        ...{ answeredAt: Infinity, answer: { kind: 'unknown' }, refs: [line.ref] },
      });
    } else {
      const { at: answeredAt, ref } = line;
      const invoked = attempts.get(line.n);
      if (!invoked) throw new Error(`${ref.file}:${ref.line} answers a call that was not made`);
      attempts.set(line.n, { ...invoked, answeredAt, answer: line, refs: [...invoked.refs, ref] });
    }
  }
  return [...attempts.values()];
}
