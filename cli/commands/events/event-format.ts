import type { Entry } from '../../../client/index.js';
import type { PayloadTypes } from '../../../protocol/payload-types.js';
import { formatCtr } from '../../format/ctr.js';
import { formatJson } from '../../format/json.js';

/** An output format of `foghorn events`. */
export type EventFormat = 'ctr' | 'json' | 'docker';

/** Formats an entry as a line, without the newline. */
export type EventFormatter = (entry: Entry) => string;

/** Returns the formatter for a format; `types` decodes the payloads. */
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

/** Formats a payload of unknown type, which `ctr events` leaves out, as base64. */
function rawLine(entry: Entry, types: PayloadTypes): string {
  const { typeUrl = '', value = Buffer.alloc(0) } = entry.event ?? {};
  const payload = { type_url: typeUrl, value: Buffer.from(value).toString('base64') };
  const head = formatCtr({ ...entry, event: undefined }, types) ?? '';
  return `${head.trimEnd()} ${JSON.stringify(payload)}`;
}
