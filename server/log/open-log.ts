import { pino, type Logger } from 'pino';
import { logText } from './log-text.js';

/** The form of log lines: JSON for machines, text for people. */
export type LogFormat = 'json' | 'text';

const STDERR = 2;

/**
 * Opens the log on stderr. A line is written before the call returns, so that the last line of a
 * process that ends is not lost.
 */
export function openLog(level: string, format: LogFormat, hasColours: boolean): Logger {
  const output = pino.destination({ dest: STDERR, sync: true });
  if (format === 'json') return pino({ level }, output);
  return pino({ level }, { write: (json) => output.write(logText(json, hasColours)) });
}
