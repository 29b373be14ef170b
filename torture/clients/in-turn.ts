/**
 * Picks the next item for each visit.
 *
 * @param visit number of earlier visits
 */
export function inTurn<T>(choices: readonly T[], visit: number): T {
  const choice = choices[visit % choices.length];
  if (choice === undefined) throw new Error('expected at least one to choose from');
  return choice;
}

/** Returns all items in order, rotated so that each client begins at another one. */
export function beginningAt<T>(choices: readonly T[], visit: number): T[] {
  const first = visit % choices.length;
  return [...choices.slice(first), ...choices.slice(0, first)];
}
