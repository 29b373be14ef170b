import type { Evidence } from './evidence.js';
import type { Verdict, Violation } from './verdict.js';

/** Errors that an absent or slow broker explains. */
const ALWAYS = ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'CANCELLED'];

/** Every error is explained by a fault, and no process recorded a defect. */
export function onlyKnownErrors(evidence: Evidence): Verdict {
  const { attempts, waits, readerFailures, broker, lineages } = evidence;
  // Readers may find a position gone, which GapHonest judges; waits may after a new history began.
  const forWaits = lineages.length > 1 ? [...ALWAYS, 'OUT_OF_RANGE'] : ALWAYS;
  const publishes = failures(attempts);
  const failedWaits = failures(waits);
  return {
    name: 'OnlyKnownErrors',
    scope: `${publishes.length} publishes, ${readerFailures.length} reads and ${failedWaits.length} waits that failed`,
    violations: [
      ...publishes.filter(isUnknown(ALWAYS)),
      ...readerFailures
        .map(({ code, message, ref }) => ({ code, text: `${code}: ${message}`, refs: [ref] }))
        .filter(isUnknown([...ALWAYS, 'OUT_OF_RANGE'])),
      ...failedWaits.filter(isUnknown(forWaits)),
      ...broker.flatMap((line) =>
        line.kind === 'defect' ? [{ text: line.text, refs: [line.ref] }] : [],
      ),
    ],
  };
}

interface Failure extends Violation {
  readonly code: string;
}

function failures(calls: Evidence['attempts'] | Evidence['waits']): Failure[] {
  return calls.flatMap(({ answer, refs }) =>
    answer.kind === 'failed'
      ? [{ code: answer.code, text: `${answer.code}: ${answer.message}`, refs }]
      : [],
  );
}

function isUnknown(known: readonly string[]): (failure: Failure) => boolean {
  return ({ code }) => !known.includes(code);
}
