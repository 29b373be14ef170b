import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { summarize, type Summary } from './summary.js';
import { withResources } from './resources.js';
import { temporaryDirectory } from './temporary-directory.js';

const TIMES = 200;
const BLOCK = Buffer.alloc(4096);

/**
 * What it takes to have 4 KiB more on the disk that histories are on, ms: whoever flushes before it
 * answers waits so long.
 */
export function flushTime(): Promise<Summary> {
  return withResources((defer) => {
    const file = openSync(join(temporaryDirectory(defer), 'flushed'), 'w');
    defer(() => {
      closeSync(file);
    });
    const times = Array.from({ length: TIMES }, () => {
      const begun = performance.now();
      writeSync(file, BLOCK);
      fdatasyncSync(file);
      return performance.now() - begun;
    });
    return Promise.resolve(summarize(times));
  });
}
