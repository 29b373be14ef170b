/** CPU time for each event by process, µs, as the details of a sample have it. */
export function cpuDetails(cpu: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(cpu).map(([process, micros]) => [`${process} CPU µs`, micros]),
  );
}
