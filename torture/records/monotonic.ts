/** Milliseconds by a clock that never steps and that all processes of this machine share. */
export function monotonicNow(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
