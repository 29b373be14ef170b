/** `name` asks that there is such a label, `name=value` that it has this value. */
export interface LabelFilter {
  readonly name: string;
  readonly value: string | undefined;
}

/** Only the first `=` separates. */
export function parseLabelFilter(text: string): LabelFilter {
  const equals = text.indexOf('=');
  if (equals < 0) return { name: text, value: undefined };
  return { name: text.slice(0, equals), value: text.slice(equals + 1) };
}

/** Unlike the values of any other key, all of them have to match. */
export function matchesLabels(
  filters: readonly LabelFilter[],
  labels: ReadonlyMap<string, string>,
): boolean {
  for (const { name, value } of filters) {
    const found = labels.get(name);
    if (found === undefined || (value !== undefined && found !== value)) return false;
  }
  return true;
}
