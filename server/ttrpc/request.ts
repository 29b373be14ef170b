import {
  traceContext,
  TRACEPARENT,
  TRACESTATE,
  type TraceContext,
} from '../../protocol/trace-context.js';
import { RecentTexts } from '../../protocol/wire/recent-texts.js';
import { WireReader } from '../../protocol/wire/reader.js';
import { Request } from '../../protos/gen/containerd/ttrpc/ttrpc.js';

const SERVICE_TAG = 0x0a;
const METHOD_TAG = 0x12;
const PAYLOAD_TAG = 0x1a;
const TIMEOUT_TAG = 0x20;
const METADATA_TAG = 0x2a;
/** Tags of a pair of metadata. */
const KEY_TAG = 0x0a;
const VALUE_TAG = 0x12;

export interface DecodedRequest {
  readonly service: string;
  readonly method: string;
  /** A view of the request. */
  readonly payload: Buffer;
  /** The trace that the metadata of the request names, if any. */
  readonly trace?: TraceContext;
}

/** Decodes requests of one connection, which repeats the names of services and methods. */
export class RequestDecoder {
  readonly #names = new RecentTexts();

  /** Throws for bytes that are not a Request. */
  decode(bytes: Buffer): DecodedRequest {
    const request = this.#read(bytes);
    if (request !== undefined) return request;
    const { service, method, payload, metadata } = Request.decode(bytes);
    const valueOf = (name: string): string | undefined =>
      metadata.find(({ key }) => key === name)?.value;
    const trace = traceContext(valueOf(TRACEPARENT), valueOf(TRACESTATE));
    return { service, method, payload: Buffer.from(payload), ...(trace && { trace }) };
  }

  /** Undefined for a request in another form than encoders write. */
  #read(bytes: Buffer): DecodedRequest | undefined {
    const reader = new WireReader(bytes);
    const { length } = bytes;
    const service = reader.over(SERVICE_TAG, length) ? this.#names.read(reader) : '';
    const method = reader.over(METHOD_TAG, length) ? this.#names.read(reader) : '';
    const payload = reader.over(PAYLOAD_TAG, length) ? reader.content() : Buffer.alloc(0);
    // A caller's time limit has no effect: storing an event cannot be taken back.
    reader.over(TIMEOUT_TAG, length);
    let traceparent: string | undefined;
    let tracestate: string | undefined;
    while (reader.over(METADATA_TAG, length)) {
      const end = reader.into();
      const key = reader.over(KEY_TAG, end) ? traceKey(reader) : undefined;
      if (key === TRACEPARENT) traceparent = readValue(reader, end);
      else if (key === TRACESTATE) tracestate = readValue(reader, end);
      reader.pos = end;
    }
    if (reader.pos !== length) return undefined;
    const trace = traceContext(traceparent, tracestate);
    return trace === undefined ? { service, method, payload } : { service, method, payload, trace };
  }
}

/** The key that the reader stepped over last, if it has the length of one of a trace. */
function traceKey(reader: WireReader): string | undefined {
  const length = reader.end - reader.begin;
  const mayBe = length === TRACEPARENT.length || length === TRACESTATE.length;
  return mayBe ? reader.text() : undefined;
}

function readValue(reader: WireReader, end: number): string | undefined {
  return reader.over(VALUE_TAG, end) ? reader.text() : undefined;
}
