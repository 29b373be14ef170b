/**
 * Microseconds that all processes of one Linux machine count alike, from its start. What a process knows of the time of day may be
 * a millisecond away from what another one knows: each takes it once, at its own start.
 */
export function sharedMicros(): number {
  return Number(process.hrtime.bigint()) / 1000;
}
