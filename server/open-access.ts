import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { FoghornError } from '../protocol/errors.js';
import { Access, type AccessLog } from './access/access.js';
import { parseAccessFile } from './access/access-file.js';
import type { AccessRules } from './access/rules.js';
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
  const rules = path === undefined ? undefined : await readRules(path);
  const access = new Access(rules, accessLog(log, countRefused));
  if (path === undefined) return { access, stop: () => undefined };
  const stop = watchFiles([path], async () => {
    try {
      access.apply(await readRules(path));
      log.info(`access: the rules of ${path} are in force`);
    } catch (error) {
      log.error(`access: the old rules stay in force: ${(error as Error).message}`);
    }
  });
  return { access, stop };
}

async function readRules(path: string): Promise<AccessRules> {
  let text;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new FoghornError(
      'FAILED_PRECONDITION',
      `cannot read the access file: ${(error as Error).message}`,
      { cause: error },
    );
  }
  return parseAccessFile(path, text);
}

function accessLog(log: Logger, countRefused: () => void): AccessLog {
  return {
    identified(name, by, address) {
      log.debug({ audit: 'identified', name, by, address }, 'access: identified a caller');
    },
    refused(address, reason) {
      countRefused();
      log.info({ audit: 'refused', address, reason }, 'access: refused a caller');
    },
  };
}
