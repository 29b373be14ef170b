import type { Command } from 'commander';
import { connect } from '../../client/index.js';
import type { Client, ConnectOptions } from '../../client/index.js';

/** The flags that every command over the client library has. */
export interface ClientFlags {
  readonly address: string;
  readonly namespace: string;
}

/** Runs a command's work with a client of the broker that its flags name. */
export async function withClient(
  command: Command,
  work: (client: Client) => Promise<void>,
  options: Partial<ConnectOptions> = {},
): Promise<void> {
  const { address, namespace } = command.optsWithGlobals<ClientFlags>();
  const client = connect({ address, namespace, ...options });
  try {
    await work(client);
  } finally {
    await client.close();
  }
}
