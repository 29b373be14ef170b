import type { Writable } from 'node:stream';

/**
 * Resolves when the reader of an output has taken what was written, or has gone: then `drain` never
 * comes.
 */
export function writable(output: Writable): Promise<void> {
  if (output.closed || !output.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      output.off('drain', done);
      output.off('close', done);
      resolve();
    };
    output.once('drain', done);
    output.once('close', done);
  });
}
