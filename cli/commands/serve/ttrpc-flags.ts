import { Option } from 'commander';
import { FoghornError } from '../../../protocol/errors.js';
import type { ServeOptions } from '../../../server/options.js';
import { parseDuration } from '../../format/time.js';
import { durationFlag, flag } from '../../flags.js';
import { parseListenAddress } from './listen-address.js';

/** containerd's ttrpc socket, which shims publish to unless told otherwise. */
const CONTAINERD = 'unix:///run/containerd/containerd.sock.ttrpc';
const NONE = 'none';
const NANOS_PER_MS = 1_000_000n;

/** Values of the flags for shims that publish here. */
export interface TtrpcFlags {
  readonly ttrpc?: string;
  readonly relay: string;
  readonly relayWithin: bigint;
}

export function ttrpcFlags(): Option[] {
  return [
    flag(
      '--ttrpc <ADDR>',
      'address of containerd\'s ttrpc, for shims that publish here, or none (default: the first unix socket of --grpc with ".ttrpc")',
      socketOrNone,
    ).env('FOGHORN_TTRPC'),
    flag(
      '--relay <ADDR>',
      'ttrpc address of the containerd that gets a copy of what shims publish here, or none',
      socketOrNone,
    )
      .env('FOGHORN_RELAY')
      .default(CONTAINERD),
    durationFlag('--relay-within <D>', 'age from which on a copy is not passed on any more')
      .env('FOGHORN_RELAY_WITHIN')
      .default(parseDuration('5m'), '5m'),
  ];
}

/**
 * @param grpc addresses of gRPC
 * @param queueOf the directory of the relay's queue, for the broker's ttrpc address
 */
export function ttrpcOptionsOf(
  { ttrpc, relay, relayWithin }: TtrpcFlags,
  grpc: readonly string[],
  queueOf: (address: string) => string,
): Pick<ServeOptions, 'ttrpc' | 'relay'> {
  const address = ttrpc ?? besideGrpc(grpc);
  if (address === NONE) return { ttrpc: [], relay: undefined };
  if (relay === NONE) return { ttrpc: [address], relay: undefined };
  const withinMs = Number(relayWithin / NANOS_PER_MS);
  const socketPath = pathOf(relay);
  return { ttrpc: [address], relay: { socketPath, withinMs, directory: queueOf(address) } };
}

/** containerd's own rule for the name of its ttrpc socket. */
function besideGrpc(grpc: readonly string[]): string {
  const socket = grpc.find((address) => address.startsWith('unix:'));
  return socket === undefined ? NONE : `${socket.replace(/\?.*$/, '')}.ttrpc`;
}

function socketOrNone(text: string): string {
  if (text !== NONE) pathOf(text);
  return text;
}

function pathOf(text: string): string {
  parseListenAddress(text);
  const path = /^unix:(?:\/\/)?(\/[^?]*)/.exec(text)?.[1];
  if (path !== undefined) return path;
  throw new FoghornError('INVALID_ARGUMENT', 'Expected unix:///path or none.');
}
