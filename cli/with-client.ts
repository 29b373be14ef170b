import type { Command } from 'commander';
import { connect } from '../client/index.js';
import type { Client } from '../client/index.js';

/** The flags that every command over the client library has. */
export interface ClientFlags {
  readonly address: string;
  readonly namespace: string;
}

/** Runs a command's work with a client of the broker that its flags name. */
export async function withClient(
  command: Command,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  const { address, namespace } = command.optsWithGlobals<ClientFlags>();
  const client = connect({ address, namespace });
  try {
    await work(client);
  } finally {
    client.close();
  }
}
