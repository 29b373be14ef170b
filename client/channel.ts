import { Channel, credentials } from '@grpc/grpc-js';
import type { Address } from './address.js';

const MEBIBYTE = 1024 * 1024;

/** A channel to one broker, shared by all calls of a client. It connects with the first call. */
export function openChannel(address: Address): Channel {
  return new Channel(address.target, credentials.createInsecure(), {
    'grpc.enable_channelz': 0,
    'grpc.max_send_message_length': 16 * MEBIBYTE,
    'grpc.max_receive_message_length': 16 * MEBIBYTE,
    'grpc-node.flow_control_window': 4 * MEBIBYTE,
    // A call on a channel that waits to reconnect fails at once, so the channel must not wait longer than we do.
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1000,
    // Whoever dies behind a unix socket is noticed at once, and containerd punishes pings.
    ...(address.local
      ? {}
      : { 'grpc.keepalive_time_ms': 60_000, 'grpc.keepalive_timeout_ms': 10_000 }),
  });
}
