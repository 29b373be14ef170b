import { crc32 } from 'node:zlib';
import type { ParkedEvent } from '../consumer-store.js';
import type { FactsChange } from '../facts-change.js';
import type { LoggedChange } from '../local-store.js';

/*
 * A line of the log is the CRC-32 of its JSON in 8 hexadecimal digits, a space, and the JSON: the
 * fields of a LoggedChange. Envelopes are base64.
 */
const CRC_DIGITS = 8;

type StoredChange = Omit<FactsChange, 'parked'> & {
  readonly parked?: readonly (Omit<ParkedEvent, 'envelope'> & { readonly envelope: string })[];
};

export function encodeLine({ name, change }: LoggedChange): Buffer {
  const json = JSON.stringify({ name, change: change && toStored(change) });
  return Buffer.from(`${checksum(Buffer.from(json))} ${json}\n`);
}

/** The intact lines at the beginning of a log, and how many bytes they have. */
export function decodeLines(log: Buffer): { changes: LoggedChange[]; end: number } {
  const changes: LoggedChange[] = [];
  let end = 0;
  for (;;) {
    const lineEnd = log.indexOf(10, end);
    const change = lineEnd < 0 ? undefined : decodeLine(log.subarray(end, lineEnd));
    if (change === undefined) return { changes, end };
    changes.push(change);
    end = lineEnd + 1;
  }
}

function decodeLine(line: Buffer): LoggedChange | undefined {
  const json = line.subarray(CRC_DIGITS + 1);
  if (line.toString('latin1', 0, CRC_DIGITS) !== checksum(json)) return undefined;
  const { name, change } = JSON.parse(json.toString()) as {
    readonly name: string;
    readonly change?: StoredChange;
  };
  return { name, ...(change !== undefined && { change: fromStored(change) }) };
}

function checksum(json: Uint8Array): string {
  return crc32(json).toString(16).padStart(CRC_DIGITS, '0');
}

function toStored({ parked, ...change }: FactsChange): StoredChange {
  if (parked === undefined || parked.length === 0) return change;
  const encode = (envelope: Uint8Array): string => Buffer.from(envelope).toString('base64');
  return {
    ...change,
    parked: parked.map((event) => ({ ...event, envelope: encode(event.envelope) })),
  };
}

function fromStored({ parked, ...change }: StoredChange): FactsChange {
  if (parked === undefined) return change;
  return {
    ...change,
    parked: parked.map((event) => ({ ...event, envelope: Buffer.from(event.envelope, 'base64') })),
  };
}
