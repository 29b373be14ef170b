import type { Command } from 'commander';
import type { RecorderContext } from '../../../bridge/contracts.js';
import { RecordingState } from '../../../bridge/recording-state.js';
import type { Client } from '../../../client/index.js';
import { ConnectionNotes } from '../../connection/connection-notes.js';
import { withClient } from '../../connection/with-client.js';
import { flag } from '../../flags.js';
import { say } from '../../terminal.js';
import type { Terminal } from '../../terminal.js';

/** The flag that names the file in which a recorder keeps how far it has come. */
export function stateFlag(): ReturnType<typeof flag> {
  return flag('--state <FILE>', 'file that remembers how far the recording has come').env(
    'FOGHORN_STATE',
  );
}

/**
 * Runs a recorder against the broker that the command's flags name.
 *
 * @param source name of the daemon that is recorded, for messages
 * @param file file for the recorder's state; undefined keeps it in memory
 */
export async function withRecorderContext(
  command: Command,
  terminal: Terminal,
  source: string,
  file: string | undefined,
  record: (context: RecorderContext) => Promise<void>,
): Promise<void> {
  const print = (text: string) => {
    say(terminal, text);
  };
  const brokerConnection = new ConnectionNotes('the broker', print);
  const sourceConnection = new ConnectionNotes(source, print);
  const run = async (broker: Client) => {
    const signal = terminal.interrupted();
    const state = await RecordingState.open(file, print);
    try {
      await record({ broker, brokerConnection, sourceConnection, state, signal, say: print });
    } finally {
      await state.close();
    }
  };
  await withClient(command, run, { onStatus: brokerConnection.status });
}
