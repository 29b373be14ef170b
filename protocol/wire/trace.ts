import { TraceContext } from '../../protos/gen/foghorn/v1/trace.js';
import { MAX_ENVELOPE_BYTES } from '../limits.js';
import { traceContext } from '../trace-context.js';
import type { WireReader } from './reader.js';
import { varintSize, writeVarint } from './writer.js';

/** The tag of `trace` in foghorn.v1.Entry, and of the same field in envelopes. */
export const TRACE_TAG = (15003 << 3) | 2;
const TAG_BYTES = varintSize(TRACE_TAG);

/**
 * Returns an encoded envelope with its trace after it; the envelope itself where it just fits,
 * because it would be refused with its trace. containerd and its clients step over the field.
 */
export function withTrace<Bytes extends Uint8Array>(
  envelope: Bytes,
  trace: TraceContext,
): Bytes | Buffer {
  const content = TraceContext.encode(trace).finish();
  const { length } = content;
  const at = envelope.length;
  const size = at + TAG_BYTES + varintSize(length) + length;
  if (size > MAX_ENVELOPE_BYTES) return envelope;
  const bytes = Buffer.allocUnsafe(size);
  bytes.set(envelope);
  bytes.set(content, writeVarint(bytes, writeVarint(bytes, at, TRACE_TAG), length));
  return bytes;
}

/** An encoded TraceContext with any texts; undefined for bytes that are none. */
export function decodeWhole(bytes: Uint8Array): TraceContext | undefined {
  try {
    return TraceContext.decode(bytes);
  } catch {
    return undefined;
  }
}

/** An encoded TraceContext; undefined for one that is malformed. */
export function decodeTrace(bytes: Uint8Array | undefined): TraceContext | undefined {
  const decoded = bytes && decodeWhole(bytes);
  return decoded && traceContext(decoded.traceparent, decoded.tracestate);
}

/** Steps over a field with a trace, if it is the next one, and returns the trace. */
export function readTrace(
  reader: WireReader,
  tag: number,
  limit: number,
): TraceContext | undefined {
  return reader.over(tag, limit) ? decodeTrace(reader.content()) : undefined;
}
