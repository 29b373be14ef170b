import { isExit, runOf } from '../records/fact.js';
import { ackedIn } from './acked-in.js';
import { AckedOffsets } from './acked-offsets.js';
import type { Evidence } from './evidence.js';
import { StartedRuns } from './started-runs.js';
import type { Verdict, Violation } from './verdict.js';
import { isAnswered, waitProblem } from './wait-problem.js';
import type { AnsweredWait, WaitContext } from './wait-problem.js';
import type { Wait } from './wait.js';

/**
 * Every acknowledged exit stays in history however much is trimmed, and every wait is answered with
 * the first stored end of the right run.
 */
export function exitNeverLost(evidence: Evidence): Verdict {
  const { waits, lastWaits, lineages } = evidence;
  const exits = evidence.stored.filter(({ fact }) => isExit(fact));
  const answered = [...waits, ...lastWaits].filter(isAnswered);
  const kept = lineages.reduce((sum, { keptExits }) => sum + keptExits.length, 0);
  return {
    name: 'ExitNeverLost',
    scope: `${exits.length} exits, ${kept} of them kept longer, ${answered.length} waits answered`,
    violations: [...lostExits(evidence), ...wrongAnswers(evidence), ...unanswered(evidence)],
  };
}

function lostExits({ stored, lineages }: Evidence): Violation[] {
  return stored.flatMap(({ fact, text, answer, invokedAt, answeredAt, refs }) => {
    if (!isExit(fact)) return [];
    const there = lineages
      .filter((lineage) => lineage.overlaps(invokedAt, answeredAt))
      .some((lineage) => lineage.standing(answer.cursor) === 'there');
    return there ? [] : [{ text: `an acknowledged exit is gone: ${text}`, refs }];
  });
}

function wrongAnswers(evidence: Evidence): Violation[] {
  const { waits, lastWaits } = evidence;
  const contexts = evidence.lineages.map((lineage) => {
    const acked = ackedIn(lineage, evidence);
    return { lineage, acked: new AckedOffsets(acked), started: new StartedRuns(acked) };
  });
  const judge = (wait: AnsweredWait, met: readonly WaitContext[]): Violation[] => {
    const problems = met.map((context) => waitProblem(wait, context));
    if (problems.includes(undefined)) return [];
    const problem = problems[0] ?? 'was answered when there was no history';
    const text = `the wait for ${wait.namespace} ${wait.container} ${problem}`;
    return [{ text, refs: wait.refs }];
  };
  return [
    ...waits.filter(isAnswered).flatMap((wait) => {
      const { invokedAt, answeredAt } = wait;
      return judge(
        wait,
        contexts.filter(({ lineage }) => lineage.overlaps(invokedAt, answeredAt)),
      );
    }),
    // Waits made after the faults.
    ...lastWaits.filter(isAnswered).flatMap((wait) => judge(wait, contexts.slice(-1))),
  ];
}

/** Checks that the last waits ask for every run that has ended. */
function unanswered({ lastWaits, lineages }: Evidence): Violation[] {
  const answers = new Map(lastWaits.map((wait) => [askedRun(wait), wait]));
  return [...(lineages.at(-1)?.ends ?? [])].flatMap(([run, end]) => {
    const wait = answers.get(run);
    if (wait?.answer.kind === 'exited') return [];
    const why = wait?.answer.kind === 'failed' ? wait.answer.message : 'none was made';
    const text = `no wait reports how run ${run} ended: ${why}`;
    return [{ text, refs: [end.ref, ...(wait?.refs ?? [])] }];
  });
}

function askedRun({ namespace, container, condition }: Wait): string {
  const pid = condition.kind === 'pid' ? condition.pid : 0;
  return runOf({ namespace, container, exec: '', pid });
}
