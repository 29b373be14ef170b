import type { Contender, Sample, Target } from '../rows/row.js';
import { summarize, type Summary } from '../support/summary.js';
import type { Outcome, RowResult } from './in-turn.js';

/** Foghorn compared with one peer or with a bound. */
export interface Comparison {
  /** Undefined for a bound. */
  readonly peer: Outcome<Contender, Sample> | undefined;
  /**
   * Ratio of Foghorn's median to the peer's, or the median for a bound; undefined without results.
   */
  readonly figure: number | undefined;
  /** Undefined for a peer that is shown for orientation only. */
  readonly target: Target | undefined;
  /** Undefined without a figure or a target. */
  readonly reached: boolean | undefined;
  readonly stretched: boolean | undefined;
}

/** Comparisons with the bounds, then with the peers. */
export function comparisons({ row, outcomes }: RowResult): Comparison[] {
  const [ours, ...peers] = outcomes;
  const own = ours && summaryOf(ours)?.median;
  const judge = (figure: number | undefined, target: Target | undefined) => ({
    figure,
    target,
    reached: isAsGood(figure, target?.reach, row.better),
    stretched: isAsGood(figure, target?.stretch, row.better),
  });
  const bounds = row.targets.filter(({ kind }) => kind === 'bound');
  return [
    ...bounds.map((bound) => ({ peer: undefined, ...judge(own, bound) })),
    ...peers.map((peer) => {
      const theirs = summaryOf(peer)?.median;
      const ratio = own === undefined || theirs === undefined ? undefined : own / theirs;
      const isAimed = (target: Target): boolean =>
        target.kind === 'ratio' && target.peer === peer.contender.name;
      return { peer, ...judge(ratio, row.targets.find(isAimed)) };
    }),
  ];
}

/** Summary of a contender's values; undefined without results. */
export function summaryOf({ results }: Outcome<Contender, Sample>): Summary | undefined {
  return results.length === 0 ? undefined : summarize(results.map(({ value }) => value));
}

function isAsGood(
  figure: number | undefined,
  wanted: number | undefined,
  better: 'more' | 'less',
): boolean | undefined {
  if (figure === undefined || wanted === undefined) return undefined;
  return better === 'more' ? figure >= wanted : figure <= wanted;
}
