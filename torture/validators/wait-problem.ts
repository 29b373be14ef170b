import { parseCursor } from '../../server/events/cursor.js';
import { endsRun, runOf } from '../records/fact.js';
import type { AckedOffsets } from './acked-offsets.js';
import type { KnownEntry } from './known-entry.js';
import type { Lineage } from './lineage.js';
import type { StartedRuns } from './started-runs.js';
import type { Wait } from './wait.js';

/** A wait with its answer. */
export type AnsweredWait = Wait & { readonly answer: { readonly kind: 'exited' } };

export function isAnswered(wait: Wait): wait is AnsweredWait {
  return wait.answer.kind === 'exited';
}

/** A lineage and the knowledge of its publishers. */
export interface WaitContext {
  readonly lineage: Lineage;
  readonly acked: AckedOffsets;
  readonly started: StartedRuns;
}

/** Returns what is wrong with an answer given from a lineage; undefined when it is right. */
export function waitProblem(wait: AnsweredWait, context: WaitContext): string | undefined {
  const { answer, namespace, container } = wait;
  const { lineage } = context;
  const named = lineage.entries.get(parseCursor(answer.cursor).offset);
  if (named?.cursor !== answer.cursor) return 'names an entry that is not in the history';
  const { fact } = named;
  if (!endsRun(fact) || fact.namespace !== namespace || fact.container !== container) {
    return `names an entry that does not end a run of it: ${named.text}`;
  }
  if (fact.pid !== answer.pid || fact.status !== answer.status) {
    return `says ${answer.status} of pid ${answer.pid}, and the entry says ${fact.status} of ${fact.pid}`;
  }
  const first = lineage.ends.get(runOf(fact));
  if (first && first.offset !== named.offset) {
    return `says ${answer.status}, and the first end of that run says ${first.fact.status}`;
  }
  return conditionProblem(wait, named, context);
}

function conditionProblem(
  { condition, invokedAt, namespace, container }: AnsweredWait,
  named: KnownEntry,
  { lineage, acked, started }: WaitContext,
): string | undefined {
  switch (condition.kind) {
    case 'pid': {
      return named.fact.pid === condition.pid ? undefined : `is not about pid ${condition.pid}`;
    }
    case 'after': {
      if (lineage.standing(condition.cursor) === 'foreign') return 'counts from another history';
      const { offset } = parseCursor(condition.cursor);
      const first = firstEndAfter(offset, named, lineage);
      if (named.offset > offset && first.offset === named.offset) return undefined;
      return `names offset ${named.offset}, and the first end after ${offset} is ${first.offset}`;
    }
    case 'next': {
      const old = acked.before(invokedAt)?.offset ?? 0;
      return named.offset > old
        ? undefined
        : `names an end that was there already at offset ${old}`;
    }
    case 'not running': {
      const newer = started.after(`${namespace} ${container}`, named.offset, invokedAt);
      return newer === undefined ? undefined : `is about a run before the one of offset ${newer}`;
    }
  }
}

/** Returns the first end after an offset, of any run of the same container. */
function firstEndAfter(offset: number, named: KnownEntry, { ends }: Lineage): KnownEntry {
  const { namespace, container } = named.fact;
  let first = named;
  for (const end of ends.values()) {
    const { fact } = end;
    if (fact.namespace !== namespace || fact.container !== container) continue;
    if (end.offset > offset && end.offset < first.offset) first = end;
  }
  return first;
}
