import { readFile, rename, writeFile } from 'node:fs/promises';
import { uptime } from 'node:os';

/** Changes at each boot of Linux. */
const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id';

/** The newest boot of the host of a daemon. */
export interface HostBoot {
  /** Runs that were last seen before this time ended with it; ns since 1970. */
  readonly time: bigint;
}

/** The boot of a host that nothing is known about. */
export const UNKNOWN_BOOT: HostBoot = { time: 0n };

/**
 * Finds out when this host was booted, and remembers its boot id. A changed id is the proof of a
 * boot, because a clock may be stepped.
 *
 * @param file keeps the boot id from one recorder process to the next
 */
export async function findHostBoot(file: string): Promise<HostBoot> {
  const id = (await textOf(BOOT_ID_FILE)) ?? '';
  const known = await textOf(file);
  const now = Date.now();
  if (id !== '' && id !== known) {
    await writeFile(`${file}.new`, `${id}\n`);
    await rename(`${file}.new`, file);
  }
  const wasBooted = known !== undefined && id !== '' && id !== known;
  const time = wasBooted ? now : now - uptime() * 1000;
  return { time: BigInt(Math.round(time)) * 1_000_000n };
}

/** Returns the text of a file without white space around it; undefined if it cannot be read. */
async function textOf(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch {
    return undefined;
  }
}
