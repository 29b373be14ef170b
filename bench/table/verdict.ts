import type { Contender, Sample, Target } from '../rows/row.js';
import { summarize, type Summary } from '../support/summary.js';
import type { Outcome, RowResult } from './in-turn.js';

/** Foghorn beside one peer, or beside a bound. */
export interface Comparison {
  /** Undefined beside a bound. */
  readonly peer: Outcome<Contender, Sample> | undefined;
  /**
   * Foghorn's median by the peer's; its median itself beside a bound. Undefined when one of them
   * has shown nothing.
   */
  readonly figure: number | undefined;
  /** Undefined for a peer that is there for orientation only. */
  readonly target: Target | undefined;
  /** Undefined when there is nothing to say. */
  readonly reached: boolean | undefined;
  readonly stretched: boolean | undefined;
}

/** The peers in turn, with the bounds before them. */
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

/** Undefined for one that has shown nothing. */
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
