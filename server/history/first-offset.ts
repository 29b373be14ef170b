/**
 * Binary search over offsets: returns the first one of `first` … `last` that fits, or `last + 1`.
 * Every offset after one that fits must fit.
 */
export function firstOffset(
  first: number,
  last: number,
  fits: (offset: number) => boolean,
): number {
  let low = first;
  let high = last + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
