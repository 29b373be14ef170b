/** Who comes again takes the next one. @param turn how often it came before */
export function inTurn<T>(choices: readonly T[], turn: number): T {
  const choice = choices[turn % choices.length];
  if (choice === undefined) throw new Error('expected at least one to choose from');
  return choice;
}

/** All of them in their order, for one who begins at another than its neighbours do. */
export function beginningAt<T>(choices: readonly T[], turn: number): T[] {
  const first = turn % choices.length;
  return [...choices.slice(first), ...choices.slice(0, first)];
}
