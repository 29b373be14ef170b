import type { Command } from 'commander';
import { parseAddress } from '../../../client/own-programs.js';
import { connect } from '../../../client/index.js';
import { flag } from '../../flags.js';
import type { Terminal } from '../../terminal.js';
import { recordContainerd } from '../../../bridge/containerd/recorder.js';
import { recorderFlags, withRecorderContext } from './recorder-context.js';
import type { RecorderFlags } from './recorder-context.js';

const HELP = `
Events are stored in containerd's order, with their own times and namespaces, and with the labels of
each container that is created. They are flushed to the spool before more are read, so none is lost
while the broker is away or when this command is stopped. containerd remembers no events: those that
happen while it, or this command, is down are lost. stderr reports the span that may be missing, and
the history has an event /foghorn/recorder with it.

Examples:
  foghorn record containerd --from /run/containerd/containerd.sock
  foghorn record containerd --from unix:///run/containerd/containerd.sock --spool /var/spool/containerd`;

interface ContainerdRecorderFlags extends RecorderFlags {
  readonly from: string;
}

/** `foghorn record containerd`: records the events of a containerd. */
export function addContainerdRecorder(record: Command, terminal: Terminal): void {
  const command = record
    .command('containerd')
    .description('record the events of a running containerd')
    .addOption(
      flag('--from <ADDR>', "containerd's socket: unix:///path, or the path alone", sourceAddress)
        .env('FOGHORN_CONTAINERD_FROM')
        .makeOptionMandatory(),
    );
  for (const option of recorderFlags('FOGHORN_CONTAINERD')) command.addOption(option);
  command.addHelpText('after', HELP).action(async (_flags: unknown, ran: Command) => {
    const { from } = ran.optsWithGlobals<ContainerdRecorderFlags>();
    const daemon = { kind: 'containerd', name: 'containerd', from };
    await withRecorderContext(ran, terminal, daemon, async (context) => {
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
