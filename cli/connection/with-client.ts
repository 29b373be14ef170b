import type { Command } from 'commander';
import { connect } from '../../client/index.js';
import type { Client, ConnectOptions } from '../../client/index.js';
import { securityOf } from './client-options.js';
import { explainPeer } from './other-peer.js';

/** Flags of every command that uses a client. */
export interface ClientFlags {
  readonly address: string;
  readonly namespace: string;
}

/** Runs a command's work with a client of the broker that the flags name. */
export async function withClient(
  command: Command,
  work: (client: Client) => Promise<void>,
  options: Partial<ConnectOptions> = {},
): Promise<void> {
  const { address, namespace } = command.optsWithGlobals<ClientFlags>();
  const client = connect({ address, namespace, ...securityOf(command), ...options });
  try {
    await work(client);
  } catch (error) {
    throw await explainPeer(error, address);
  } finally {
    await client.close();
  }
}

/** The namespace that the user named; undefined for the default. */
export function givenNamespace(command: Command): string | undefined {
  const isGiven = command.getOptionValueSourceWithGlobals('namespace') !== 'default';
  return isGiven ? command.optsWithGlobals<ClientFlags>().namespace : undefined;
}
