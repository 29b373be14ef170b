/** Merges rising sequences lazily. Closing the result closes each of them. */
export function merged<Item>(
  sequences: readonly Iterable<Item>[],
  offsetOf: (item: Item) => number,
): Iterable<Item> {
  const [only] = sequences;
  if (only === undefined || sequences.length === 1) return only ?? [];
  // In halves, so that an item passes log(n) generators instead of n.
  const middle = sequences.length >> 1;
  const [one, other] = [sequences.slice(0, middle), sequences.slice(middle)];
  return mergedTwo(merged(one, offsetOf), merged(other, offsetOf), offsetOf);
}

function* mergedTwo<Item>(
  one: Iterable<Item>,
  other: Iterable<Item>,
  offsetOf: (item: Item) => number,
): Iterable<Item> {
  const waiting = other[Symbol.iterator]();
  try {
    let next = waiting.next();
    for (const item of one) {
      const offset = offsetOf(item);
      for (; next.done !== true && offsetOf(next.value) < offset; next = waiting.next()) {
        yield next.value;
      }
      yield item;
    }
    for (; next.done !== true; next = waiting.next()) yield next.value;
  } finally {
    // A range of lmdb holds its snapshot until it is closed.
    waiting.return?.();
  }
}
