import { join } from 'node:path';
import { flushDirectory } from '../guard/flush-directory.js';
import { JournalFile } from './log-file.js';

/** The two files of a journal, which take turns. */
export class JournalFiles {
  private constructor(
    readonly one: JournalFile,
    readonly other: JournalFile,
  ) {}

  /** Opens those in a directory, and makes what is not there. */
  static async open(directory: string): Promise<JournalFiles> {
    const one = await JournalFile.open(join(directory, 'journal-0'));
    try {
      const other = await JournalFile.open(join(directory, 'journal-1'));
      await flushDirectory(directory);
      return new JournalFiles(one, other);
    } catch (error) {
      await one.close();
      throw error;
    }
  }

  async contents(): Promise<[Buffer, Buffer]> {
    return [await this.one.contents(), await this.other.contents()];
  }

  /** What they take on the disk. */
  get bytes(): number {
    return this.one.bytes + this.other.bytes;
  }

  /** Empties them, and gives their room back to the disk. */
  async clear(): Promise<void> {
    await this.one.clear();
    await this.other.clear();
  }

  async close(): Promise<void> {
    await this.one.close();
    await this.other.close();
  }
}
