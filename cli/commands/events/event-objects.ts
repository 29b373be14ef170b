import type { Entry } from '../../../client/index.js';
import type { PayloadTypes } from '../../../protocol/payload-types.js';
import { formatRfc3339 } from '../../../protocol/rfc3339.js';
import { timestampFromNanos } from '../../../protocol/timestamp.js';
import { csvLine } from '../../format/csv.js';
import { describeEntry, shownPayload, type ReadableEvent } from './readable-event.js';

export const CSV_TITLES = csvLine([
  'time',
  'namespace',
  'name',
  'what',
  'exit_code',
  'image',
  'id',
  'topic',
  'cursor',
]);

export function csvOf(event: ReadableEvent): string {
  const { time, namespace, name, what, exitCode, image, id, topic, cursor } = event;
  return csvLine([timeText(time), namespace, name, what, exitCode, image, id, topic, cursor]);
}

/** The fields of every entry for a template. */
export const TEMPLATE_FIELDS = [
  'Time',
  'Namespace',
  'Name',
  'ID',
  'Image',
  'Labels',
  'What',
  'ExitCode',
  'Action',
  'Topic',
  'Cursor',
  'Actor',
  'Event',
] as const;

/** The values of an entry for a template. */
export function templateFields(
  entry: Entry,
  types: PayloadTypes,
): Readonly<Record<(typeof TEMPLATE_FIELDS)[number], unknown>> {
  const { time, namespace, topic, cursor, name, id, image, labels, action, what, exitCode } =
    describeEntry(entry, types);
  const attributes = { ...labels, name, image, ...(exitCode !== undefined && { exitCode }) };
  return {
    Time: timeText(time),
    Namespace: namespace,
    Topic: topic,
    Cursor: cursor,
    Name: name,
    ID: id,
    Image: image,
    Labels: labels,
    Action: action,
    What: what,
    ExitCode: exitCode,
    Actor: { ID: id, Attributes: attributes },
    Event: entry.event && shownPayload(entry.event, types),
  };
}

function timeText(time: bigint | undefined): string {
  return time === undefined ? '' : (formatRfc3339(timestampFromNanos(time), 'needed') ?? '');
}
