import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { summarize, type Summary } from './summary.js';
import { withResources } from './resources.js';
import { temporaryDirectory } from './temporary-directory.js';

const FLUSHES = 200;
const BLOCK = Buffer.alloc(4096);

/**
 * Time in ms to append and flush 4 KiB on the disk of the histories, the floor of a durable answer.
 */
export function flushTime(): Promise<Summary> {
  return withResources((defer) => {
    const file = openSync(join(temporaryDirectory(defer), 'flushed'), 'w');
    defer(() => {
      closeSync(file);
    });
    const times = Array.from({ length: FLUSHES }, () => {
      const begun = performance.now();
      writeSync(file, BLOCK);
      fdatasyncSync(file);
      return performance.now() - begun;
    });
    return Promise.resolve(summarize(times));
  });
}
