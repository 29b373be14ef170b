const NEWLINE = 0x0a;

/**
 * Splits a stream of bytes into lines. Chunks may end anywhere, also within a character: UTF-8 has
 * no newline inside one. Bytes after the last newline are not a whole line and are left out.
 */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let begun: Uint8Array[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      const line = Buffer.concat([...begun, chunk.subarray(from, end)]).toString();
      begun = [];
      from = end + 1;
      yield line;
    }
    if (from < chunk.length) begun.push(chunk.subarray(from));
  }
}
