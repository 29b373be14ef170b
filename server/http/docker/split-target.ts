/** The origin that proxies write before the path: `http://docker`. */
const ORIGIN = /^https?:\/\/[^/?]*/i;

/** A request's target, split but not decoded. */
export interface SplitTarget {
  readonly rawPath: string;
  readonly query: string;
}

/** Splits a path with its query, or a whole URI. */
export function splitTarget(target: string): SplitTarget {
  const [rawPath = '', ...query] = target.replace(ORIGIN, '').split('?');
  return { rawPath, query: query.join('?') };
}

/** Returns undefined for a path whose escapes are malformed. */
export function decodePath(rawPath: string): string | undefined {
  try {
    return decodeURIComponent(rawPath);
  } catch {
    return undefined;
  }
}
