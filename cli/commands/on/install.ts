import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FoghornError } from '../../../protocol/errors.js';
import { makeDirectories } from '../../../protocol/make-directories.js';
import { write, type Terminal } from '../../terminal.js';

/**
 * Writes a systemd unit that runs this command line, without `--install`, and prints the command
 * that starts it: for root in /etc/systemd/system, otherwise for the user.
 */
export async function installUnit(
  consumer: string,
  args: readonly string[],
  terminal: Terminal,
): Promise<void> {
  const { uid, env, home, program } = terminal.surroundings;
  if (program === undefined) {
    throw new FoghornError('FAILED_PRECONDITION', 'cannot install: the program is unknown');
  }
  const isRoot = uid === 0;
  const config = env.XDG_CONFIG_HOME ?? join(home, '.config');
  const directory = isRoot ? '/etc/systemd/system' : join(config, 'systemd', 'user');
  const unit = `foghorn-on-${consumer}.service`;
  makeDirectories(directory);
  const command = [...program.filter((part) => part !== ''), ...args].map(quoted).join(' ');
  await writeFile(join(directory, unit), unitText(consumer, command, isRoot));
  const systemctl = isRoot ? 'systemctl' : 'systemctl --user';
  await write(
    terminal.stdout,
    `wrote ${join(directory, unit)}; start it with: ${systemctl} enable --now ${unit}\n`,
  );
}

function unitText(consumer: string, command: string, isRoot: boolean): string {
  return `[Unit]
Description=Foghorn: ${consumer}
After=network-online.target foghorn.service
Wants=network-online.target

[Service]
ExecStart=${command}
Restart=always
RestartSec=1
KillMode=mixed
TimeoutStopSec=90

[Install]
WantedBy=${isRoot ? 'multi-user.target' : 'default.target'}
`;
}

/** An argument as systemd reads it, without its variables and specifiers. */
function quoted(argument: string): string {
  const escaped = argument
    .replace(/[\\"]/g, '\\$&')
    .replace(/\n/g, '\\n')
    .replace(/%/g, '%%')
    .replace(/\$/g, '$$$$');
  return `"${escaped}"`;
}
