/** One of several things measured in alternation. */
export interface Alternating<Round> {
  readonly name: string;
  /** Measures one round. */
  run(): Promise<Round>;
}

/**
 * Measures all contenders in alternation, so that a machine that slows down affects all alike.
 * Resolves with the rounds of each.
 *
 * @param report called with a line for each round
 */
export async function runInTurn<Round extends { readonly rate: number }>(
  contenders: readonly Alternating<Round>[],
  rounds: number,
  report: (line: string) => void,
): Promise<Round[][]> {
  const results: Round[][] = contenders.map(() => []);
  for (let number = 1; number <= rounds; number++) {
    for (const [index, contender] of contenders.entries()) {
      const round = await contender.run();
      results[index]?.push(round);
      report(`round ${number} of ${rounds}: ${contender.name}: ${Math.round(round.rate)} events/s`);
    }
  }
  return results;
}
