/** What events are about: so many things of a kind, in turn. */
export interface Subjects {
  readonly kind: 'volume' | 'container';
  readonly count: number;
}

/** The number of the thing that an event is about, as many events were before it. */
export function subjectOf(event: number, { count }: Subjects): number {
  return event % count;
}

/** None is the beginning of another one, so that whoever follows one follows only that. */
export function volumeName(number: number): string {
  return `vol-${number.toString().padStart(6, '0')}`;
}

/** What all names of volumes begin with. */
export const ALL_VOLUMES = 'vol-';

/** As Docker makes them: 64 hexadecimal digits. */
export function containerId(number: number): string {
  return number.toString(16).padStart(6, '0').padEnd(64, 'f');
}
