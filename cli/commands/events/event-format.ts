import type { Entry } from '../../../client/index.js';
import type { PayloadTypes } from '../../../protocol/payload-types.js';
import { formatCtr } from '../../format/ctr.js';
import { formatJson } from '../../format/json.js';

/** How `foghorn events` writes an event. */
export type EventFormat = 'ctr' | 'json' | 'docker';

/** Makes the line, without its end, for an entry. */
export type EventFormatter = (entry: Entry) => string;

/** The formatter for a format, over the payload types that are known. */
export function eventFormatter(format: EventFormat, types: PayloadTypes): EventFormatter {
  switch (format) {
    case 'json':
      return (entry) => formatJson(entry, types);
    case 'docker':
      return ({ dockerEvent = '' }) => dockerEvent;
    case 'ctr':
      return (entry) => formatCtr(entry, types) ?? rawLine(entry, types);
  }
}

/** `ctr events` leaves out a payload that it does not know; here it is shown as it was published. */
function rawLine(entry: Entry, types: PayloadTypes): string {
  const { typeUrl = '', value = Buffer.alloc(0) } = entry.event ?? {};
  const payload = { type_url: typeUrl, value: Buffer.from(value).toString('base64') };
  const circumstances = formatCtr({ ...entry, event: undefined }, types) ?? '';
  return `${circumstances.trimEnd()} ${JSON.stringify(payload)}`;
}
