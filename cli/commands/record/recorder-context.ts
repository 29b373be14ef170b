import { join } from 'node:path';
import type { Command, Option } from 'commander';
import type { RecorderContext } from '../../../bridge/contracts.js';
import { securityOf } from '../../connection/client-options.js';
import type { ClientFlags } from '../../connection/with-client.js';
import { recorderDirectory } from '../../defaults.js';
import { flag } from '../../flags.js';
import { makePrivateDirectory } from '../../private-directory.js';
import { say } from '../../terminal.js';
import type { Terminal } from '../../terminal.js';
import { runRecorder, type RecordedDaemon } from './run-recorder.js';

/** The flags of every recorder. */
export interface RecorderFlags extends ClientFlags {
  readonly spool?: string;
  readonly state?: string;
}

/** @param prefix begins the names of the environment variables, which differ between recorders */
export function recorderFlags(prefix: string): Option[] {
  return [
    flag(
      '--spool <DIR>',
      'directory that keeps events until the broker has them (default: one for each --from and --address)',
    ).env(`${prefix}_SPOOL`),
    flag(
      '--state <FILE>',
      'file that remembers how far the recording has come (default: state.json in the spool)',
    ).env(`${prefix}_STATE`),
  ];
}

/**
 * Runs a recorder against the broker that the command's flags name.
 *
 * @throws the error by which the broker refuses the recorder's events for good.
 */
export async function withRecorderContext(
  command: Command,
  terminal: Terminal,
  daemon: RecordedDaemon,
  record: (context: RecorderContext) => Promise<void>,
): Promise<void> {
  const { address, namespace, spool, state } = command.optsWithGlobals<RecorderFlags>();
  const directory = spool ?? (await defaultDirectory(daemon, address, terminal));
  const options = {
    address,
    security: securityOf(command),
    namespace,
    directory,
    stateFile: state ?? join(directory, 'state.json'),
    isPatient: false,
    signal: terminal.interrupted(),
    print: (text: string) => {
      say(terminal, text);
    },
  };
  await runRecorder(options, daemon, record);
}

async function defaultDirectory(
  daemon: RecordedDaemon,
  address: string,
  { surroundings }: Terminal,
): Promise<string> {
  const directory = recorderDirectory({ ...daemon, address }, surroundings);
  await makePrivateDirectory(directory, surroundings.uid, '--spool');
  return directory;
}
