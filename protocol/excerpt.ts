/** Longest value that an error text repeats, in UTF-16 units. */
const MAX_EXCERPT = 80;

/** A caller's value for an error text, in JSON's quotes and cut. */
export function quotedExcerpt(value: string): string {
  return JSON.stringify(excerpt(value));
}

/** The beginning of a caller's value, with an ellipsis where it is cut. */
export function excerpt(value: string, limit = MAX_EXCERPT): string {
  return value.length > limit ? `${value.slice(0, limit)}…` : value;
}
