import { ReadResponse, type Entry } from '../../protos/gen/foghorn/v1/history.js';
import { readEntry, type EntryMaker } from './entry.js';
import { WireReader } from './reader.js';
import { fieldSize, writeHead } from './writer.js';

/*
 * A replay is made of foghorn.v1.ReadResponse messages with a batch of entries. The generated
 * encoder copies every entry twice, and the generated decoder was half of a reader's cost (decision
 * 14).
 */

/** ReadResponse.entries. */
const BATCH_TAG = 0x0a;
/** EntryBatch.entries and EntryBatch.kept_exits. */
const ENTRY_TAG = 0x0a;
const KEPT_EXITS_TAG = 0x10;

/** Writes an encoded foghorn.v1.Entry where it is needed, so that none is copied. */
export interface EncodedEntry {
  /** Size of the encoded entry. */
  readonly wireBytes: number;
  /** Writes the encoded entry from `at` on. */
  writeWire(into: Uint8Array, at: number): void;
}

/** Encodes a ReadResponse with entries into one buffer of the right size. */
export function encodeEntryBatch(entries: readonly EncodedEntry[], keptExits: boolean): Buffer {
  let size = keptExits ? 2 : 0;
  for (const { wireBytes } of entries) size += fieldSize(wireBytes);
  const bytes = Buffer.allocUnsafe(fieldSize(size));
  let at = writeHead(bytes, 0, BATCH_TAG, size);
  for (const entry of entries) {
    const { wireBytes } = entry;
    at = writeHead(bytes, at, ENTRY_TAG, wireBytes);
    entry.writeWire(bytes, at);
    at += wireBytes;
  }
  if (keptExits) {
    bytes[at] = KEPT_EXITS_TAG;
    bytes[at + 1] = 1;
  }
  return bytes;
}

/** Decodes a ReadResponse; throws for bytes that are none. */
export function decodeReadResponse(bytes: Buffer, make: EntryMaker): ReadResponse {
  return readBatch(new WireReader(bytes), make) ?? decodeSlowly(bytes, make);
}

function decodeSlowly(bytes: Buffer, make: EntryMaker): ReadResponse {
  const { message } = ReadResponse.decode(bytes);
  if (message?.$case !== 'entries') return { message };
  const entries = message.value.entries.map((entry) => {
    const { timestamp, namespace, topic, event, cursor, dockerEvent, trace } = entry;
    return make(timestamp, namespace, topic, event, cursor, dockerEvent, trace);
  });
  return { message: { $case: 'entries', value: { ...message.value, entries } } };
}

/** Undefined for a response of another kind, or one that a broker writes in another form. */
function readBatch(reader: WireReader, make: EntryMaker): ReadResponse | undefined {
  const end = reader.bytes.length;
  if (!reader.over(BATCH_TAG, end) || reader.pos !== end) return undefined;
  reader.into();
  const entries: Entry[] = [];
  while (reader.over(ENTRY_TAG, end)) {
    const entry = readEntry(reader, make);
    if (entry === undefined) return undefined;
    entries.push(entry);
  }
  const keptExits = reader.number(KEPT_EXITS_TAG, end) !== 0;
  if (reader.pos !== end) return undefined;
  return { message: { $case: 'entries', value: { entries, keptExits } } };
}
