import { crc32 } from 'node:zlib';
import type { ParkedEvent } from '../consumer-store.js';
import type { FactsChange } from '../facts-change.js';
import type { LoggedChange } from '../local-store.js';

/*
 * A line of a file is the CRC-32 of its JSON in 8 hexadecimal digits, a space, and the JSON. That
 * of a change has the fields of a LoggedChange, with envelopes in base64.
 */
const CRC_DIGITS = 8;

type StoredChange = Omit<FactsChange, 'parked'> & {
  readonly parked?: readonly (Omit<ParkedEvent, 'envelope'> & { readonly envelope: string })[];
};

/** A change as it is stored. */
export interface StoredLoggedChange {
  readonly name: string;
  readonly change?: StoredChange;
}

export function encodeChange({ name, change }: LoggedChange): Buffer {
  return encodeLine({ name, change: change && toStored(change) });
}

export function decodeChange({ name, change }: StoredLoggedChange): LoggedChange {
  return { name, ...(change !== undefined && { change: fromStored(change) }) };
}

/** Encodes an object as a line. */
export function encodeLine(content: object): Buffer {
  const json = Buffer.from(JSON.stringify(content));
  return Buffer.concat([Buffer.from(`${checksum(json)} `), json, LINE_END]);
}

const LINE_END = Buffer.from('\n');

/** The intact lines at the beginning of a file, and how many bytes they have. */
export function decodeLines(file: Buffer): { contents: unknown[]; end: number } {
  const contents: unknown[] = [];
  let end = 0;
  for (;;) {
    const lineEnd = file.indexOf(10, end);
    const content = lineEnd < 0 ? undefined : decodeLine(file.subarray(end, lineEnd));
    if (content === undefined) return { contents, end };
    contents.push(content);
    end = lineEnd + 1;
  }
}

function decodeLine(line: Buffer): unknown {
  const json = line.subarray(CRC_DIGITS + 1);
  if (line.toString('latin1', 0, CRC_DIGITS) !== checksum(json)) return undefined;
  return JSON.parse(json.toString()) as unknown;
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
