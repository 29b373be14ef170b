/**
 * Binary search over offsets: the first one of `first` … `last` for which `reached` holds, or `last + 1`.
 * `reached` must hold for every offset after one for which it holds.
 */
export function firstOffset(
  first: number,
  last: number,
  reached: (offset: number) => boolean,
): number {
  let low = first;
  let high = last + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (reached(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
