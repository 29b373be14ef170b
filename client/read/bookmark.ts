import { open, readFile, rename, unlink } from 'node:fs/promises';
import { FoghornError } from '../../protocol/errors.js';

/** Remembers how far a reader has come, so that its next start continues there. */
export interface Bookmark {
  /** The cursor that was saved last; undefined for none. */
  load(): Promise<string | undefined>;
  /** Saves a cursor. Reads call it one at a time. */
  save(cursor: string): Promise<void>;
}

/**
 * A bookmark in a file of its own, which is replaced as a whole. Its directory must exist; one
 * reader uses it at a time.
 */
export function fileBookmark(path: string): Bookmark {
  return {
    async load() {
      try {
        return (await readFile(path, 'utf8')).trim() || undefined;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw bookmarkError(path, 'read', error);
      }
    },
    async save(cursor) {
      try {
        await replaceFile(path, `${cursor}\n`);
      } catch (error) {
        throw bookmarkError(path, 'written', error);
      }
    },
  };
}

/** Replaces a file, so that a crash leaves the old or the new content. */
async function replaceFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.${process.pid}.new`;
  try {
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
}

function bookmarkError(path: string, what: string, cause: unknown): FoghornError {
  const reason = (cause as Error).message;
  return new FoghornError('FAILED_PRECONDITION', `bookmark ${path} cannot be ${what}: ${reason}`, {
    cause,
  });
}
