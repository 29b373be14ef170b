import type { Logger } from 'pino';
import { Access, type AccessLog } from './access/access.js';
import { readAccessFile } from './access/access-file.js';
import { RateLimit } from './log/rate-limit.js';
import { watchFiles } from './watched-files.js';

/**
 * Reads the access file, if there is one, and applies it again whenever it changes. A broken new
 * file leaves the old rules in force. Throws FoghornError for one that is broken at the start.
 */
export async function openAccess(
  path: string | undefined,
  log: Logger,
  countRefused: () => void = () => undefined,
): Promise<{ readonly access: Access; readonly stop: () => void }> {
  const rules = path === undefined ? undefined : await readAccessFile(path);
  const access = new Access(rules, accessLog(log, countRefused));
  if (path === undefined) return { access, stop: () => undefined };
  const stop = watchFiles([path], async () => {
    try {
      access.apply(await readAccessFile(path));
      log.info(`access: the rules of ${path} are in force`);
    } catch (error) {
      log.error(`access: the old rules stay in force: ${(error as Error).message}`);
    }
  });
  return { access, stop };
}

function accessLog(log: Logger, countRefused: () => void): AccessLog {
  const refusals = new RateLimit();
  return {
    identified(name, by, address) {
      log.debug({ audit: 'identified', name, by, address }, 'access: identified a caller');
    },
    refused(address, reason) {
      countRefused();
      refusals.pass((leftOut) => {
        log.info({ audit: 'refused', address, reason, ...leftOut }, 'access: refused a caller');
      });
    },
  };
}
