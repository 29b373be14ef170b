import type { Curve, Row } from '../rows/row.js';

export interface Work {
  readonly rows: readonly Row[];
  readonly curves: readonly Curve[];
}

/**
 * Rows and curves chosen by name, or by the beginning of a name up to a hyphen; all for no names.
 *
 * @throws Error for a name that matches none
 */
export function choose(work: Work, names: readonly string[]): Work {
  const known = [...work.rows, ...work.curves].map(({ name }) => name);
  const stands = (chosen: string, name: string): boolean =>
    name === chosen || name.startsWith(`${chosen}-`);
  const unknown = names.find((chosen) => !known.some((name) => stands(chosen, name)));
  if (unknown !== undefined) {
    throw new Error(`--rows ${unknown}: expected ${known.join(', ')}`);
  }
  const isChosen = ({ name }: { readonly name: string }): boolean =>
    names.length === 0 || names.some((chosen) => stands(chosen, name));
  return { rows: work.rows.filter(isChosen), curves: work.curves.filter(isChosen) };
}

/** Lists all rows and curves with their descriptions. */
export function listing({ rows, curves }: Work): string {
  const entries = [
    ...rows.map(({ name, work }) => [name, work] as const),
    ...curves.map(({ name, title }) => [name, title] as const),
  ];
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
}
