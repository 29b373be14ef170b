import type { Command } from 'commander';
import { parseAddress } from '../../../client/own-programs.js';
import { connect } from '../../../client/index.js';
import { flag } from '../../flags.js';
import type { Terminal } from '../../terminal.js';
import { recordContainerd } from '../../../bridge/containerd/recorder.js';
import { stateFlag, withRecorderContext } from './recorder-context.js';

const HELP = `
Events are stored in containerd's order, with their own times and namespaces. While the broker is
away, containerd keeps the events. Events that happen while containerd or this command is down are
lost; stderr reports the span that may be missing. With --state it is reported after a restart of
this command too.

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
      flag('--from <ADDR>', "containerd's socket: unix:///path, or the path alone", sourceAddress)
        .env('FOGHORN_FROM')
        .makeOptionMandatory(),
    )
    .addOption(stateFlag())
    .addHelpText('after', HELP)
    .action(async ({ from, state: file }: BridgeFlags, command: Command) => {
      await withRecorderContext(command, terminal, 'containerd', file, async (context) => {
        const source = connect({ address: from, daemon: 'containerd' });
        try {
          await recordContainerd({ ...context, source, from });
        } finally {
          await source.close();
        }
      });
    });
}

function sourceAddress(text: string): string {
  const address = text.startsWith('/') ? `unix://${text}` : text;
  parseAddress(address);
  return address;
}
