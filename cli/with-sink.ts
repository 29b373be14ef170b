import type { Command } from 'commander';
import type { Client } from '../client/index.js';
import { ConnectionNotes } from './connection-notes.js';
import { flag } from './flags.js';
import { say } from './terminal.js';
import type { Terminal } from './terminal.js';
import { withClient } from './with-client.js';
import { BridgeState } from '../bridge/state.js';

/** What a bridge stores events with. */
export interface Sink {
  /** The broker. */
  readonly sink: Client;
  /** About the connection to it. */
  readonly sinkNotes: ConnectionNotes;
  readonly state: BridgeState;
  /** Stops the bridge once what is in hand is stored. */
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** Where a bridge remembers how far it came. */
export function stateFlag(): ReturnType<typeof flag> {
  return flag('--state <FILE>', 'remembers how far the recording came').env('FOGHORN_STATE');
}

/** Runs a bridge to the broker that the command's flags name, with the state in a file if one is given. */
export async function withSink(
  command: Command,
  terminal: Terminal,
  file: string | undefined,
  work: (sink: Sink) => Promise<void>,
): Promise<void> {
  const tell = (text: string) => {
    say(terminal, text);
  };
  const sinkNotes = new ConnectionNotes('the broker', tell);
  const run = async (sink: Client) => {
    const signal = terminal.interrupted();
    const state = await BridgeState.open(file, tell);
    try {
      await work({ sink, sinkNotes, state, signal, say: tell });
    } finally {
      await state.close();
    }
  };
  await withClient(command, run, { onStatus: sinkNotes.status });
}
