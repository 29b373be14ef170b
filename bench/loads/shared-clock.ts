/**
 * Microseconds since the machine's start, by a clock that all processes of a Linux machine share.
 * Node's time of day may differ by a millisecond between processes, because each reads its origin
 * once, at its own start.
 */
export function sharedMicros(): number {
  return Number(process.hrtime.bigint()) / 1000;
}
