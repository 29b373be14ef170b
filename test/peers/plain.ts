/** A line without ids, times and sizes that differ from run to run. */
export function plain(line: string): string {
  return line
    .replace(/\b[0-9a-f]{12,64}\b/g, 'ID')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/\d\d:\d\d(:\d\d)?/g, 'TIME')
    .replace(/\b\d+\b/g, (number) => (number.length > 3 ? 'N' : number));
}
