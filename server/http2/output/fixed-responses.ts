import type { HpackEncoder } from '../hpack/encoder.js';
import { FLAG, FRAME_HEADER_BYTES, FRAME_TYPE, MAX_FRAME_SIZE } from '../protocol.js';
import type { FixedResponse } from '../response.js';
import { putHeaders } from './header-writer.js';
import { frameHeader, putUint32, type OutputBuffer } from './output-buffer.js';

/** Position of the stream identifier within a frame's header. */
const STREAM_ID_OFFSET = 5;
/** Longest encoded header block for which a template is made. */
const MAX_BLOCK_BYTES = 1024;

/** The bytes of a response, but for the stream identifiers of its three frames. */
interface Template {
  readonly response: FixedResponse;
  readonly generation: number;
  readonly bytes: Uint8Array;
  readonly dataAt: number;
  readonly trailersAt: number;
}

/** Whole responses that wait to be sent. The windows have been charged for them. */
export class FixedResponses {
  /** Estimate of the bytes that wait. */
  bytes = 0;
  #waiting: { readonly streamId: number; readonly response: FixedResponse }[] = [];
  #template: Template | undefined;

  constructor(private readonly encoder: HpackEncoder) {}

  static isSmall({ headers, data, trailers }: FixedResponse): boolean {
    const blocks = Math.max(headers.maxEncodedBytes, trailers.maxEncodedBytes);
    return data.length <= MAX_FRAME_SIZE && blocks <= MAX_BLOCK_BYTES;
  }

  add(streamId: number, response: FixedResponse): void {
    this.#waiting.push({ streamId, response });
    this.bytes += 3 * FRAME_HEADER_BYTES + response.data.length;
  }

  writeTo(output: OutputBuffer): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    this.bytes = 0;
    for (const { streamId, response } of waiting) {
      const template = this.#templateOf(response);
      if (template === undefined) this.#putInFull(output, response, streamId);
      else putTemplate(output, template, streamId);
    }
  }

  #putInFull(output: OutputBuffer, response: FixedResponse, streamId: number): void {
    const { headers, data, trailers } = response;
    putHeaders(output, this.encoder, headers, false, streamId);
    output.reserve();
    output.putFrameHeader(data.length, FRAME_TYPE.DATA, 0, streamId);
    output.bytes.set(data, output.at);
    output.at += data.length;
    putHeaders(output, this.encoder, trailers, true, streamId);
  }

  #templateOf(response: FixedResponse): Template | undefined {
    const template = this.#template;
    const { encoder } = this;
    if (template?.response === response && template.generation === encoder.generation) {
      return template;
    }
    const { headers, trailers } = response;
    if (!encoder.isStable(headers) || !encoder.isStable(trailers)) return undefined;
    return (this.#template = this.#makeTemplate(response));
  }

  #makeTemplate(response: FixedResponse): Template {
    const { DATA, HEADERS } = FRAME_TYPE;
    const { encoder } = this;
    const { headers, data, trailers } = response;
    const { END_HEADERS, END_STREAM } = FLAG;
    const bytes = Buffer.allocUnsafe(2 * MAX_BLOCK_BYTES + data.length + 3 * FRAME_HEADER_BYTES);
    const dataAt = encoder.encode(headers, bytes, FRAME_HEADER_BYTES);
    frameHeader(bytes, 0, dataAt - FRAME_HEADER_BYTES, HEADERS, END_HEADERS, 0);
    const trailersAt = frameHeader(bytes, dataAt, data.length, DATA, 0, 0) + data.length;
    bytes.set(data, trailersAt - data.length);
    const end = encoder.encode(trailers, bytes, trailersAt + FRAME_HEADER_BYTES);
    const trailersLength = end - trailersAt - FRAME_HEADER_BYTES;
    frameHeader(bytes, trailersAt, trailersLength, HEADERS, END_HEADERS | END_STREAM, 0);
    const { generation } = encoder;
    return {
      response,
      generation,
      bytes: new Uint8Array(bytes.subarray(0, end)),
      dataAt,
      trailersAt,
    };
  }
}

function putTemplate(output: OutputBuffer, template: Template, streamId: number): void {
  output.reserve(template.bytes.length);
  const { bytes, at } = output;
  bytes.set(template.bytes, at);
  putUint32(bytes, at + STREAM_ID_OFFSET, streamId);
  putUint32(bytes, at + template.dataAt + STREAM_ID_OFFSET, streamId);
  putUint32(bytes, at + template.trailersAt + STREAM_ID_OFFSET, streamId);
  output.at = at + template.bytes.length;
}
