/** Something to be measured beside others. */
export interface Contender<Round> {
  readonly name: string;
  /** Measures it once. */
  run(): Promise<Round>;
}

/**
 * Measures each in turn, so often, so that a machine that becomes slower meanwhile does so for all
 * of them alike. Resolves with the rounds of each. @param tell is told each round as it ends
 */
export async function runInTurn<Round extends { readonly rate: number }>(
  contenders: readonly Contender<Round>[],
  rounds: number,
  tell: (line: string) => void,
): Promise<Round[][]> {
  const results: Round[][] = contenders.map(() => []);
  for (let number = 1; number <= rounds; number++) {
    for (const [index, contender] of contenders.entries()) {
      const round = await contender.run();
      results[index]?.push(round);
      tell(`round ${number} of ${rounds}: ${contender.name}: ${Math.round(round.rate)} events/s`);
    }
  }
  return results;
}
