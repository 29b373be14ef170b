import { join } from 'node:path';
import { flushDirectory } from '../guard/flush-directory.js';
import { LogFile } from './log-file.js';

/** The two files of a journal, which take turns. */
export class LogFiles {
  private constructor(
    readonly first: LogFile,
    readonly second: LogFile,
  ) {}

  /** Opens those in a directory, and makes what is not there. */
  static async open(directory: string): Promise<LogFiles> {
    const one = await LogFile.open(join(directory, 'journal-0'));
    try {
      const other = await LogFile.open(join(directory, 'journal-1'));
      await flushDirectory(directory);
      return new LogFiles(one, other);
    } catch (error) {
      await one.close();
      throw error;
    }
  }

  async contents(): Promise<[Buffer, Buffer]> {
    return [await this.first.contents(), await this.second.contents()];
  }

  /** What they take on the disk. */
  get bytes(): number {
    return this.first.bytes + this.second.bytes;
  }

  /** Empties them, and gives their room back to the disk. */
  async clear(): Promise<void> {
    await this.first.clear();
    await this.second.clear();
  }

  async close(): Promise<void> {
    await this.first.close();
    await this.second.close();
  }
}
