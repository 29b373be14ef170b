/** A selector in a filter's text, outside of quotes. */
const SELECTOR = /(^|,)\s*([A-Za-z_][\w.]*)\s*(==|!=|~=|(?=,|$))/g;

const QUOTED = /"(?:[^"\\]|\\.)*"|\/(?:[^/\\]|\\.)*\/|\|(?:[^|\\]|\\.)*\|/g;

/** A part of a filter; the operator is empty where it asks only whether there is a value. */
interface FilterSelector {
  readonly path: string;
  readonly operator: string;
}

/** The selectors in a filter's text, which need not be a filter that the broker accepts. */
export function selectorsOf(filter: string): readonly FilterSelector[] {
  const plain = filter.replace(QUOTED, '""');
  return [...plain.matchAll(SELECTOR)].map(([, , path = '', operator = '']) => ({
    path,
    operator,
  }));
}
