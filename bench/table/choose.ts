import type { Curve, Row } from '../rows/row.js';

export interface Work {
  readonly rows: readonly Row[];
  readonly curves: readonly Curve[];
}

/**
 * Those that are named, or all when none is.
 *
 * @throws Error for a name that none has.
 */
export function choose(work: Work, names: readonly string[]): Work {
  const known = [...work.rows, ...work.curves].map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Error(`--rows ${unknown}: expected ${known.join(', ')}`);
  }
  const isChosen = ({ name }: { readonly name: string }): boolean =>
    names.length === 0 || names.includes(name);
  return { rows: work.rows.filter(isChosen), curves: work.curves.filter(isChosen) };
}

/** The names of all, and what they are. */
export function listing({ rows, curves }: Work): string {
  const entries = [
    ...rows.map(({ name, work }) => [name, work] as const),
    ...curves.map(({ name, title }) => [name, title] as const),
  ];
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
}
