/** CPU time of this process that a call takes, in µs. */
function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/**
 * Returns how many times the CPU time of one call on `10 × size` is that of one call on `size`:
 * about 10 for linear work, 100 for quadratic. The smallest of several ratios, because other
 * processes can only make a measurement longer.
 *
 * @param prepare returns the work on an input of that size; its own time does not count
 */
export function growthBy10(size: number, prepare: (size: number) => () => void): number {
  const ratios: number[] = [];
  for (let i = 0; i < 5; i++) {
    const small = Array.from({ length: 10 }, () => prepare(size));
    // Ten calls, so that both measurements are equally long.
    const tenSmall = cpuOf(() => {
      for (const work of small) work();
    });
    ratios.push((10 * cpuOf(prepare(10 * size))) / tenSmall);
  }
  return Math.min(...ratios);
}
