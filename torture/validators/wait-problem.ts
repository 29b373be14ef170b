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

/** A lineage, and what its publishers knew of it. */
export interface WaitContext {
  readonly lineage: Lineage;
  readonly acked: AckedOffsets;
  readonly started: StartedRuns;
}

/** What is wrong with an answer if it was given from this lineage; undefined when nothing is. */
export function waitProblem(wait: AnsweredWait, context: WaitContext): string | undefined {
  const { answer, namespace, container } = wait;
  const { lineage } = context;
  const told = lineage.entries.get(parseCursor(answer.cursor).offset);
  if (told?.cursor !== answer.cursor) return 'names an entry that is not in the history';
  const { fact } = told;
  if (!endsRun(fact) || fact.namespace !== namespace || fact.container !== container) {
    return `names an entry that does not end a run of it: ${told.text}`;
  }
  if (fact.pid !== answer.pid || fact.status !== answer.status) {
    return `says ${answer.status} of pid ${answer.pid}, and the entry says ${fact.status} of ${fact.pid}`;
  }
  const first = lineage.ends.get(runOf(fact));
  if (first && first.offset !== told.offset) {
    return `says ${answer.status}, and the first end of that run says ${first.fact.status}`;
  }
  return conditionProblem(wait, told, context);
}

function conditionProblem(
  { condition, invokedAt, namespace, container }: AnsweredWait,
  told: KnownEntry,
  { lineage, acked, started }: WaitContext,
): string | undefined {
  switch (condition.kind) {
    case 'pid': {
      return told.fact.pid === condition.pid ? undefined : `is not about pid ${condition.pid}`;
    }
    case 'after': {
      if (lineage.standing(condition.cursor) === 'foreign') return 'counts from another history';
      const { offset } = parseCursor(condition.cursor);
      const first = firstEndAfter(offset, told, lineage);
      if (told.offset > offset && first.offset === told.offset) return undefined;
      return `names offset ${told.offset}, and the first end after ${offset} is ${first.offset}`;
    }
    case 'next': {
      const old = acked.before(invokedAt)?.offset ?? 0;
      return told.offset > old ? undefined : `names an end that was there already at offset ${old}`;
    }
    case 'not running': {
      const newer = started.after(`${namespace} ${container}`, told.offset, invokedAt);
      return newer === undefined ? undefined : `is about a run before the one of offset ${newer}`;
    }
  }
}

/** The first end, of any run of the same container, after an offset. */
function firstEndAfter(offset: number, told: KnownEntry, { ends }: Lineage): KnownEntry {
  const { namespace, container } = told.fact;
  let first = told;
  for (const end of ends.values()) {
    const { fact } = end;
    if (fact.namespace !== namespace || fact.container !== container) continue;
    if (end.offset > offset && end.offset < first.offset) first = end;
  }
  return first;
}
