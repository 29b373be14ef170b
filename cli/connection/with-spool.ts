import type { Command } from 'commander';
import type { Client, ClientStatus } from '../../client/index.js';
import { refusalText } from './spool-notes.js';
import type { Refused } from './spool-notes.js';
import { say } from '../terminal.js';
import type { Terminal } from '../terminal.js';
import { withClient } from './with-client.js';

/**
 * Runs a command's work as `withClient` does, with a client that publishes through a spool. Then
 * reports the refused events, except the one whose refusal the command reports itself.
 */
export async function withSpool(
  command: Command,
  terminal: Terminal,
  spool: string,
  work: (client: Client) => Promise<void>,
  onStatus: (status: ClientStatus) => void = () => {},
): Promise<void> {
  const refused: Refused[] = [];
  let failure: unknown;
  try {
    await withClient(command, work, {
      spool,
      onStatus: (status) => {
        if (status.state === 'refused') refused.push(status);
        onStatus(status);
      },
    });
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    for (const event of refused) {
      if (!isDueTo(failure, event.error)) say(terminal, refusalText(event));
    }
  }
}

function isDueTo(error: unknown, cause: Error): boolean {
  return error === cause || (error instanceof Error && error.cause === cause);
}
