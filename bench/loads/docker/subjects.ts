/** Volumes or containers that events are about, in rotation. */
export interface Subjects {
  readonly kind: 'volume' | 'container';
  readonly count: number;
}

/** The number of the subject of the n-th event. */
export function subjectOf(event: number, { count }: Subjects): number {
  return event % count;
}

/** No name is a prefix of another one, because filters match prefixes. */
export function volumeName(number: number): string {
  return `vol-${number.toString().padStart(6, '0')}`;
}

/** The prefix of all names of volumes. */
export const VOLUME_PREFIX = 'vol-';

/** An id as Docker makes them: 64 hexadecimal digits. */
export function containerId(number: number): string {
  return number.toString(16).padStart(6, '0').padEnd(64, 'f');
}
