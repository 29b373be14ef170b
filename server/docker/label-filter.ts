/** `name` requires such a label, `name=value` a label with this value. */
export interface LabelFilter {
  readonly name: string;
  readonly value: string | undefined;
}

/** Parses a filter; only the first `=` separates. */
export function parseLabelFilter(text: string): LabelFilter {
  const equals = text.indexOf('=');
  if (equals < 0) return { name: text, value: undefined };
  return { name: text.slice(0, equals), value: text.slice(equals + 1) };
}

/** Whether all filters match. For other keys, one matching value is enough. */
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
