import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { flushDirectory } from '../guard/flush-directory.js';
import { SEAL_FILE, type LogSizes } from './seal.js';
import { LogFile } from './segment.js';

const NAMES = ['journal-0', 'journal-1'] as const;

/** The names of the log's files that a directory lacks. */
export function missingLogFiles(directory: string, isSealed: boolean): string[] {
  const names = isSealed ? [...NAMES, SEAL_FILE] : NAMES;
  return names.filter((name) => !existsSync(join(directory, name)));
}

/** The two files of the write-ahead log, journal-0 and journal-1, one for each segment. */
export class LogFiles {
  private constructor(
    readonly first: LogFile,
    readonly second: LogFile,
  ) {}

  /** Opens the files in a directory, and creates those that are missing. */
  static async open(directory: string): Promise<LogFiles> {
    const first = await LogFile.open(join(directory, NAMES[0]));
    try {
      const second = await LogFile.open(join(directory, NAMES[1]));
      await flushDirectory(directory);
      return new LogFiles(first, second);
    } catch (error) {
      await first.close();
      throw error;
    }
  }

  async contents(): Promise<[Buffer, Buffer]> {
    return [await this.first.contents(), await this.second.contents()];
  }

  /** Sizes on the disk. */
  get sizes(): LogSizes {
    return [this.first.bytes, this.second.bytes];
  }

  /** Truncates both to nothing. */
  async clear(): Promise<void> {
    await this.first.clear();
    await this.second.clear();
  }

  async close(): Promise<void> {
    await this.first.close();
    await this.second.close();
  }
}

/** The contents of the log files that a directory has, without opening them for writing. */
export async function readLogFiles(directory: string): Promise<Buffer[]> {
  const files = await Promise.all(
    NAMES.map((name) => readFile(join(directory, name)).catch(() => undefined)),
  );
  return files.filter((file) => file !== undefined);
}
