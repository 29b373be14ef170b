import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FoghornError } from '../../../protocol/errors.js';
import { makeDirectories } from '../../../protocol/make-directories.js';
import { write, type Terminal } from '../../terminal.js';

/** A command line for a unit. */
export interface InstalledCommand {
  readonly consumer: string;
  readonly args: readonly string[];
  /** The variables that the command reads, besides its flags. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/**
 * Writes a systemd unit that runs this command line, without `--install`, in this directory and
 * with these variables, and prints the command that starts it: for root in /etc/systemd/system,
 * otherwise for the user.
 */
export async function installUnit(
  { consumer, args, variables }: InstalledCommand,
  terminal: Terminal,
): Promise<void> {
  const { uid, env, home, program, directory: workingDirectory } = terminal.surroundings;
  if (env.FOGHORN_WEBHOOK_SECRET !== undefined) {
    throw new FoghornError(
      'FAILED_PRECONDITION',
      'cannot install with FOGHORN_WEBHOOK_SECRET, which every user could read in the unit: use --secret-file',
    );
  }
  if (program === undefined) {
    throw new FoghornError('FAILED_PRECONDITION', 'cannot install: the program is unknown');
  }
  const isRoot = uid === 0;
  const config = env.XDG_CONFIG_HOME ?? join(home, '.config');
  const directory = isRoot ? '/etc/systemd/system' : join(config, 'systemd', 'user');
  const unit = `foghorn-on-${consumer}.service`;
  const command = [...program.filter((part) => part !== ''), ...args]
    .map((part) => quoted(part))
    .join(' ');
  const given = Object.entries(variables).flatMap(([name, value]) =>
    value === undefined ? [] : [`Environment=${quoted(`${name}=${value}`, '$')}\n`],
  );
  const where = `WorkingDirectory=${workingDirectory.replace(/%/g, '%%')}\n`;
  const service = `ExecStart=${command}\n${where}${given.join('')}`;
  try {
    makeDirectories(directory);
    await writeFile(join(directory, unit), unitText(consumer, service, isRoot));
  } catch (error) {
    const text = `cannot write ${join(directory, unit)}: ${(error as Error).message}`;
    throw new FoghornError('FAILED_PRECONDITION', text, { cause: error });
  }
  const systemctl = isRoot ? 'systemctl' : 'systemctl --user';
  await write(
    terminal.stdout,
    `wrote ${join(directory, unit)}; start it with: ${systemctl} enable --now ${unit}\n`,
  );
}

function unitText(consumer: string, service: string, isRoot: boolean): string {
  return `[Unit]
Description=Foghorn: ${consumer}
After=network-online.target foghorn.service
Wants=network-online.target

[Service]
${service}Restart=always
RestartSec=1
KillMode=mixed
TimeoutStopSec=90

[Install]
WantedBy=${isRoot ? 'multi-user.target' : 'default.target'}
`;
}

/**
 * An argument as systemd reads it, without its variables and specifiers.
 *
 * @param dollar a dollar sign, which begins a variable only in commands
 */
function quoted(argument: string, dollar = '$$'): string {
  const escaped = argument
    .replace(/[\\"]/g, '\\$&')
    .replace(/\n/g, '\\n')
    .replace(/%/g, '%%')
    .replace(/\$/g, () => dollar);
  return `"${escaped}"`;
}
