import type { Command } from 'commander';
import { parseAddress } from '../../client/address.js';
import { connect } from '../../client/index.js';
import type { Client } from '../../client/index.js';
import { ConnectionNotes } from '../connection-notes.js';
import { flag } from '../flags.js';
import { say } from '../terminal.js';
import type { Terminal } from '../terminal.js';
import { withClient } from '../with-client.js';
import { bridgeContainerd } from './containerd.js';
import { BridgeState } from './state.js';

const HELP = `
Every event is stored in containerd's order, with its own time and namespace. While the broker is
away, containerd keeps the events; while containerd or the bridge is away, nobody does, and stderr
tells which span may be missing. With --state it can also tell so after it was restarted itself.

Examples:
  foghorn bridge containerd --from /run/containerd/containerd.sock
  foghorn bridge containerd --from unix:///run/containerd/containerd.sock --state /var/lib/foghorn/containerd.json`;

interface BridgeFlags {
  readonly from: string;
  readonly state?: string;
}

/** `foghorn bridge containerd`: records the events of a containerd. */
export function addContainerdBridge(bridge: Command, terminal: Terminal): void {
  bridge
    .command('containerd')
    .description('record the events of a running containerd')
    .addOption(
      flag('--from <ADDR>', "containerd's socket: unix:///path or the path alone", sourceAddress)
        .env('FOGHORN_FROM')
        .makeOptionMandatory(),
    )
    .addOption(flag('--state <FILE>', 'remembers how far the recording came').env('FOGHORN_STATE'))
    .addHelpText('after', HELP)
    .action(async ({ from, state: file }: BridgeFlags, command: Command) => {
      const tell = (text: string) => {
        say(terminal, text);
      };
      const sinkNotes = new ConnectionNotes('the broker', tell);
      const work = async (sink: Client) => {
        const signal = terminal.interrupted();
        const state = await BridgeState.open(file, tell);
        const source = connect({ address: from, daemon: 'containerd' });
        try {
          await bridgeContainerd({ source, sink, sinkNotes, state, signal, from, say: tell });
        } finally {
          await source.close();
          await state.close();
        }
      };
      await withClient(command, work, { onStatus: sinkNotes.status });
    });
}

function sourceAddress(text: string): string {
  const address = text.startsWith('/') ? `unix://${text}` : text;
  parseAddress(address);
  return address;
}
