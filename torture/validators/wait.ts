import type { WaitCondition, WaiterLine } from '../records/lines.js';
import type { LineRef, Recorded } from '../records/record-reader.js';

/** One call of a waiter and its outcome; `unknown` when its process was killed. */
export interface Wait {
  readonly namespace: string;
  readonly container: string;
  readonly condition: WaitCondition;
  readonly invokedAt: number;
  /** Infinity when no answer is known. */
  readonly answeredAt: number;
  readonly answer:
    | {
        readonly kind: 'exited';
        readonly status: number;
        readonly pid: number;
        readonly cursor: string;
      }
    | { readonly kind: 'failed'; readonly code: string; readonly message: string }
    | { readonly kind: 'unknown' };
  readonly refs: readonly LineRef[];
}

/** Returns the calls in a waiter's record, in their order. */
export function waitsOf(lines: readonly Recorded<WaiterLine>[]): Wait[] {
  const waits = new Map<number, Wait>();
  for (const line of lines) {
    if (line.kind === 'begin') continue;
    const { at, n, ref } = line;
    if (line.kind === 'invoke') {
      const { namespace, container, condition } = line;
      waits.set(n, {
        ...{ namespace, container, condition, invokedAt: at },
        ...{ answeredAt: Infinity, answer: { kind: 'unknown' }, refs: [ref] },
      });
    } else {
      const invoked = waits.get(n);
      if (!invoked) throw new Error(`${ref.file}:${ref.line} answers a call that was not made`);
      waits.set(n, { ...invoked, answeredAt: at, answer: line, refs: [...invoked.refs, ref] });
    }
  }
  return [...waits.values()];
}
