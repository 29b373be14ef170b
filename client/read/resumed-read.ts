import type { Connection } from '../transport/connection.js';
import type { Bookmark } from './bookmark.js';
import { read } from './read.js';
import type { ReadMessage } from './read-message.js';
import type { ReadOptions } from './read-options.js';

/** Milliseconds between saves while messages arrive: saving after each would cost a flush each. */
const SAVE_INTERVAL = 100;

/**
 * Reads after the cursor of the bookmark; from the start in the options while it has none. Saves
 * the cursor of each message once the loop body has handled it, at the latest with the next message
 * after `SAVE_INTERVAL` or when the read ends. After a crash, what was handled since is read again.
 */
export async function* resumedRead(
  connection: Connection,
  { resume, ...options }: ReadOptions & { readonly resume: Bookmark },
): AsyncGenerator<ReadMessage, void, void> {
  const saved = await resume.load();
  const start = saved === undefined ? options.start : { after: saved };
  let handled: string | undefined;
  let savedAt = performance.now();
  try {
    for await (const message of read(connection, { ...options, ...(start && { start }) })) {
      yield message;
      if (!isResumable(message)) continue;
      handled = message.cursor;
      if (performance.now() - savedAt < SAVE_INTERVAL) continue;
      await resume.save(handled);
      handled = undefined;
      savedAt = performance.now();
    }
  } finally {
    if (handled !== undefined) await resume.save(handled);
  }
}

/** Whether a read can start after the message. */
function isResumable(message: ReadMessage): boolean {
  return message.cursor !== '' && !(message.kind === 'entries' && message.keptExits);
}
