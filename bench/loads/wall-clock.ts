/**
 * Microseconds since 1970 that two processes of one machine agree on. `Date` tells milliseconds, in which most of what is
 * measured here would vanish.
 */
export function wallMicros(): number {
  return (performance.timeOrigin + performance.now()) * 1000;
}
