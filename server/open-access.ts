import type { Logger } from 'pino';
import { Access } from './access/access.js';
import { readAccessFile } from './access/access-file.js';
import type { Audit } from './access/audit.js';
import { watchFiles } from './watched-files.js';

/**
 * Reads the access file, if there is one, and applies it again whenever it changes. A broken new
 * file leaves the old rules in force. Throws FoghornError for one that is broken at the start.
 */
export async function openAccess(
  path: string | undefined,
  log: Logger,
  audit: Audit,
): Promise<{ readonly access: Access; readonly stop: () => void }> {
  const rules = path === undefined ? undefined : await readAccessFile(path);
  const access = new Access(rules, audit);
  if (path === undefined) return { access, stop: () => undefined };
  const stop = watchFiles([path], async () => {
    try {
      access.apply(await readAccessFile(path));
      audit.rules(path, 'in force');
      log.info(`access: the rules of ${path} are in force`);
    } catch (error) {
      const { message } = error as Error;
      audit.rules(path, 'refused', message);
      log.error(`access: the old rules stay in force: ${message}`);
    }
  });
  return { access, stop };
}
