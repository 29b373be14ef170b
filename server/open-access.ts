import type { Logger } from 'pino';
import { Access } from './access/access.js';
import type { Audit } from './access/audit.js';
import { watchFiles } from './watched-files.js';

/** The access rules of a running broker, which follow their file. */
export interface OpenAccess {
  readonly access: Access;
  readonly file: {
    /** Whether the file has changed and cannot be used, so that its old rules stay in force. */
    readonly isBroken: boolean;
  };
  readonly stop: () => void;
}

/**
 * Reads the access file, if there is one, and applies it again whenever it changes. A broken new
 * file leaves the old rules in force. Throws FoghornError for one that is broken at the start.
 */
export async function openAccess(
  path: string | undefined,
  log: Logger,
  audit: Audit,
): Promise<OpenAccess> {
  const file = { isBroken: false };
  if (path === undefined)
    return { access: new Access(undefined, audit), file, stop: () => undefined };
  // Most brokers have no access file, and need not load what reads it.
  const { readAccessFile } = await import('./access/access-file.js');
  const access = new Access(await readAccessFile(path), audit);
  const stopWatching = watchFiles([path], async () => {
    try {
      access.apply(await readAccessFile(path));
      file.isBroken = false;
      audit.rules(path, 'in force');
      log.info(`access: the rules of ${path} are in force`);
    } catch (error) {
      const { message } = error as Error;
      file.isBroken = true;
      audit.rules(path, 'refused', message);
      log.error(`access: the old rules stay in force: ${message}`);
    }
  });
  const stop = (): void => {
    stopWatching();
    access.close();
  };
  return { access, file, stop };
}
