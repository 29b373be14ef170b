import { readFileSync } from 'node:fs';

/*
 * Loaded into a broker before its program: moves its date by as many ms as a file says. Its
 * monotonic clock stays.
 */
const READ_MS = 50;

const file = process.env.TORTURE_CLOCK_FILE ?? '';
const realDate = Date.now.bind(Date);
let offset = 0;

function readOffset(): void {
  try {
    offset = Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    // The file is not written yet.
  }
}

readOffset();
setInterval(readOffset, READ_MS).unref();
Date.now = () => realDate() + offset;
