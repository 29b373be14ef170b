import type { Entry } from '../protos/gen/foghorn/v1/history.js';
import type { Any } from '../protos/gen/google/protobuf/any.js';
import type { Timestamp } from '../protos/gen/google/protobuf/timestamp.js';
import { RepeatedText } from './repeated-text.js';
import { UNUSUAL, type WireBytes } from './wire-bytes.js';

const namespaces = new RepeatedText();
const topics = new RepeatedText();
const typeUrls = new RepeatedText();

/** A foghorn.v1.Entry up to `end`. Throws UNUSUAL when there is anything that a broker does not write. */
export function decodeEntry(wire: WireBytes, end: number): Entry {
  const entry: Entry = {
    timestamp: undefined,
    namespace: '',
    topic: '',
    event: undefined,
    cursor: '',
    dockerEvent: undefined,
  };
  while (wire.at < end) {
    switch (wire.number()) {
      case 10:
        entry.timestamp = decodeTimestamp(wire, wire.fieldEnd(end));
        break;
      case 18:
        entry.namespace = namespaces.read(wire, end);
        break;
      case 26:
        entry.topic = topics.read(wire, end);
        break;
      case 34:
        entry.event = decodeAny(wire, wire.fieldEnd(end));
        break;
      case 120010:
        entry.cursor = wire.text(end);
        break;
      case 120018:
        entry.dockerEvent = wire.text(end);
        break;
      default:
        throw UNUSUAL;
    }
  }
  checkEnd(wire, end);
  return entry;
}

function decodeTimestamp(wire: WireBytes, end: number): Timestamp {
  let seconds = 0;
  let nanos = 0;
  while (wire.at < end) {
    switch (wire.number()) {
      case 8:
        seconds = wire.number();
        break;
      case 16:
        nanos = wire.number();
        break;
      default:
        throw UNUSUAL;
    }
  }
  checkEnd(wire, end);
  if (nanos >= 2 ** 31) throw UNUSUAL;
  return { seconds: BigInt(seconds), nanos };
}

function decodeAny(wire: WireBytes, end: number): Any {
  let typeUrl = '';
  let value: Uint8Array | undefined;
  while (wire.at < end) {
    switch (wire.number()) {
      case 10:
        typeUrl = typeUrls.read(wire, end);
        break;
      case 18:
        value = wire.field(end);
        break;
      default:
        throw UNUSUAL;
    }
  }
  checkEnd(wire, end);
  return { typeUrl, value: value ?? new Uint8Array() };
}

/** A number may have reached beyond what it is in. */
function checkEnd({ at }: WireBytes, end: number): void {
  if (at !== end) throw UNUSUAL;
}
