import { ReadResponse, type Entry } from '../protos/gen/foghorn/v1/history.js';
import { decodeEntry } from './decode-entry.js';
import { UNUSUAL, WireBytes } from './wire-bytes.js';

/*
 * foghorn.v1.ReadResponse, as the generated decoder gives it. A replay is batches of entries, and half of what they cost a reader
 * was that decoder; so a batch that looks like what a broker writes is decoded by hand (see decision 14).
 */
const BATCH_TAG = 10;
const ENTRY_TAG = 10;
const KEPT_EXITS_TAG = 16;

/** Throws for bytes that are no ReadResponse. */
export function decodeReadResponse(bytes: Buffer): ReadResponse {
  try {
    return decodeBatch(new WireBytes(bytes));
  } catch (error) {
    if (error !== UNUSUAL) throw error;
    return ReadResponse.decode(bytes);
  }
}

function decodeBatch(wire: WireBytes): ReadResponse {
  const end = wire.bytes.length;
  if (wire.number() !== BATCH_TAG || wire.fieldEnd(end) !== end) throw UNUSUAL;
  const entries: Entry[] = [];
  let keptExits = false;
  while (wire.at < end) {
    const tag = wire.number();
    if (tag === ENTRY_TAG) entries.push(decodeEntry(wire, wire.fieldEnd(end)));
    else if (tag === KEPT_EXITS_TAG) keptExits = wire.number() !== 0;
    else throw UNUSUAL;
  }
  return { message: { $case: 'entries', value: { entries, keptExits } } };
}
