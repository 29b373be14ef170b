/** Returns milliseconds of a clock that never steps and that all processes of the machine share. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
