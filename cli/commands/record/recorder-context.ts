import { join } from 'node:path';
import type { Command, Option } from 'commander';
import { mayPass } from '../../../bridge/contracts.js';
import type { RecorderContext } from '../../../bridge/contracts.js';
import { RecordingState } from '../../../bridge/recording-state.js';
import type { Client, ClientStatus } from '../../../client/index.js';
import { checkSpoolDirectory } from '../../../client/own-programs.js';
import { ConnectionNotes } from '../../connection/connection-notes.js';
import { refusalText } from '../../connection/spool-notes.js';
import { withClient } from '../../connection/with-client.js';
import type { ClientFlags } from '../../connection/with-client.js';
import { recorderDirectory } from '../../defaults.js';
import { flag } from '../../flags.js';
import { makePrivateDirectory } from '../../private-directory.js';
import { say } from '../../terminal.js';
import type { Terminal } from '../../terminal.js';

/** Limit of the events that wait in a recorder's spool. At the limit, the daemon keeps the rest. */
const SPOOL_BYTES = 1024 * 1024 * 1024;

/** How long a stopped recorder goes on handing its spool over to the broker, milliseconds. */
const DRAIN_TIMEOUT_MS = 600;

/** The flags of every recorder. */
export interface RecorderFlags extends ClientFlags {
  readonly spool?: string;
  readonly state?: string;
}

/** The daemon that a recorder follows. */
interface RecordedDaemon {
  readonly kind: string;
  /** Name for messages. */
  readonly name: string;
  readonly from: string;
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
  const print = (text: string) => {
    say(terminal, text);
  };
  const brokerConnection = new ConnectionNotes('the broker', print);
  const sourceConnection = new ConnectionNotes(daemon.name, print);
  const refused = new AbortController();
  const directory = await spoolDirectory(command, terminal, daemon);
  checkSpoolDirectory(directory);
  const { state: file = join(directory, 'state.json') } = command.optsWithGlobals<RecorderFlags>();
  const run = async (broker: Client) => {
    const signal = AbortSignal.any([terminal.interrupted(), refused.signal]);
    const state = await RecordingState.open(file, print);
    try {
      await record({ broker, brokerConnection, sourceConnection, state, signal, say: print });
    } finally {
      await state.close();
    }
    refused.signal.throwIfAborted();
    await handOver(broker, directory, print);
  };
  const onStatus = (status: ClientStatus) => {
    if (status.state === 'refused') print(refusalText(status));
    if (status.state === 'disconnected' && !mayPass(status.error)) refused.abort(status.error);
    else brokerConnection.status(status);
  };
  await withClient(command, run, { spool: { directory, maxBytes: SPOOL_BYTES }, onStatus });
}

async function spoolDirectory(
  command: Command,
  { surroundings }: Terminal,
  daemon: RecordedDaemon,
): Promise<string> {
  const { spool, address } = command.optsWithGlobals<RecorderFlags>();
  if (spool !== undefined) return spool;
  const directory = recorderDirectory({ ...daemon, address }, surroundings);
  await makePrivateDirectory(directory, surroundings.uid, '--spool');
  return directory;
}

/** Lets the broker take what is left in the spool, for a moment. */
async function handOver(
  broker: Client,
  directory: string,
  print: (text: string) => void,
): Promise<void> {
  const tooLate = AbortSignal.timeout(DRAIN_TIMEOUT_MS);
  try {
    await broker.drainSpool({ signal: tooLate });
  } catch (error) {
    if (!tooLate.aborted) throw error;
    print(`the broker has not taken all events; the rest is kept in ${directory}`);
  }
}
