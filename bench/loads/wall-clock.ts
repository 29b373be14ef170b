/**
 * Microseconds since 1970, comparable between processes of one machine. `Date` has a resolution of
 * a millisecond, which is too coarse here.
 */
export function wallMicros(): number {
  return (performance.timeOrigin + performance.now()) * 1000;
}
