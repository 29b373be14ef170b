import type { DockerEvent } from '../../../protos/gen/foghorn/v1/docker.js';
import { containerId, subjectOf, volumeName, type Subjects } from './subjects.js';

type TimelessEvent = Omit<DockerEvent, 'timeNano'>;

const COMMON_FIELDS = { scope: 'local', exact: '', replayed: false, filledIn: false };
const VOLUME_ATTRIBUTES = new Map([['driver', 'local']]);

/**
 * The n-th event of an engine that creates volumes, or whose containers start and die repeatedly.
 */
export function subjectEvent(event: number, subjects: Subjects): TimelessEvent {
  const subject = subjectOf(event, subjects);
  if (subjects.kind === 'volume') {
    const actorId = volumeName(subject);
    return {
      ...COMMON_FIELDS,
      type: 'volume',
      action: 'create',
      actorId,
      attributes: VOLUME_ATTRIBUTES,
    };
  }
  const isStart = Math.floor(event / subjects.count) % 2 === 0;
  return isStart
    ? containerEvent(subject, 'start', {})
    : containerEvent(subject, 'die', DIE_ATTRIBUTES);
}

const DIE_ATTRIBUTES = { execDuration: '0', exitCode: '0' };

function containerEvent(
  subject: number,
  action: string,
  extras: Readonly<Record<string, string>>,
): TimelessEvent {
  const attributes = new Map(
    Object.entries({ ...extras, image: 'busybox:latest', name: `container-${subject}` }),
  );
  return { ...COMMON_FIELDS, type: 'container', action, actorId: containerId(subject), attributes };
}
