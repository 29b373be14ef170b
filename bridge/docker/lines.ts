const NEWLINE = 0x0a;

/**
 * The lines of a stream of bytes, wherever it is cut: also within a character, which UTF-8 allows no newline in. What comes after
 * the last newline is no whole line and is left out.
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
