import { decodeLossy } from './utf8.js';

/** A rejected filter. The message says what is wrong and where, or which limit was exceeded. */
export class FilterError extends Error {
  override readonly name = 'FilterError';

  /** Byte offset of the fault in the filter's source; undefined for a limit on the whole. */
  readonly offset: number | undefined;

  constructor(message: string, offset?: number) {
    super(message);
    this.offset = offset;
  }
}

/** An error whose text shows the source with the byte at `offset` marked, as containerd does. */
export function errorAt(source: Uint8Array, offset: number, message: string): FilterError {
  const before = decodeLossy(source.subarray(0, offset));
  const marked = decodeLossy(source.subarray(offset, offset + 1));
  const after = decodeLossy(source.subarray(offset + 1));
  const context = offset < source.length ? `${before} >|${marked}|< ${after}` : before;
  return new FilterError(`filters: parse error: [${context}]: ${message}`, offset);
}
