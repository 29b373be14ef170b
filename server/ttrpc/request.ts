import { RecentTexts } from '../../protocol/wire/recent-texts.js';
import { WireReader } from '../../protocol/wire/reader.js';
import { Request } from '../../protos/gen/ttrpc/ttrpc.js';

const SERVICE_TAG = 0x0a;
const METHOD_TAG = 0x12;
const PAYLOAD_TAG = 0x1a;
const TIMEOUT_TAG = 0x20;
const METADATA_TAG = 0x2a;

export interface DecodedRequest {
  readonly service: string;
  readonly method: string;
  /** A view of the request. */
  readonly payload: Buffer;
}

/** Decodes requests of one connection, which repeats the names of services and methods. */
export class RequestDecoder {
  readonly #names = new RecentTexts();

  /** Throws for bytes that are not a Request. */
  decode(bytes: Buffer): DecodedRequest {
    const request = this.#read(bytes);
    if (request !== undefined) return request;
    const { service, method, payload } = Request.decode(bytes);
    return { service, method, payload: Buffer.from(payload) };
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
    while (reader.over(METADATA_TAG, length));
    return reader.pos === length ? { service, method, payload } : undefined;
  }
}
