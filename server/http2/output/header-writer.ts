import type { HpackEncoder } from '../hpack/encoder.js';
import { FRAME_HEADER_BYTES, MAX_FRAME_SIZE } from '../protocol.js';
import type { HeaderBlock } from '../response.js';
import type { OutputBuffer } from './output-buffer.js';

/** Writes a header block as HEADERS and, if it is long, CONTINUATION frames. */
export function putHeaders(
  output: OutputBuffer,
  encoder: HpackEncoder,
  block: HeaderBlock,
  endStream: boolean,
  streamId: number,
): void {
  const frames = 1 + Math.ceil(block.maxEncodedBytes / MAX_FRAME_SIZE);
  output.reserve(block.maxEncodedBytes + frames * FRAME_HEADER_BYTES);
  const begin = output.at;
  const end = encoder.encode(block, output.bytes, begin + FRAME_HEADER_BYTES);
  output.endHeaderBlock(begin, end, endStream, streamId);
}
