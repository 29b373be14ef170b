import { Channel, connectivityState } from '@grpc/grpc-js';
import { MAX_MESSAGE_BYTES } from '../../protocol/limits.js';
import { ConsumersClient } from '../../protos/gen/foghorn/v1/consumers.js';
import { HistoryClient } from '../../protos/gen/foghorn/v1/history.js';
import { RecordersClient } from '../../protos/gen/foghorn/v1/recorder.js';
import { EventsClient } from '../../protos/gen/containerd/services/events/v1/events.js';
import { parseAddress } from './address.js';
import type { Address } from './address.js';
import type { Peer } from './call-error.js';
import { bearer, channelSecurity, type ChannelSecurity, type ClientSecurity } from './security.js';

const MEBIBYTE = 1024 * 1024;

/** The services of a broker, all over one channel. */
export interface Services {
  readonly channel: Channel;
  readonly consumers: ConsumersClient;
  readonly events: EventsClient;
  readonly history: HistoryClient;
  readonly recorders: RecordersClient;
}

/**
 * The connection to one broker. It connects with the first call, and again with the first call
 * after it was lost.
 */
export class Connection {
  readonly peer: Peer;
  readonly #address: Address;
  #security: ChannelSecurity;
  #services: Services;
  /** Whether a connection to the peer ever succeeded. */
  wasReached = false;

  /**
   * @throws FoghornError INVALID_ARGUMENT when the address is neither `unix:///path` nor
   * `host:port`, and FAILED_PRECONDITION for TLS files that cannot be used.
   */
  constructor(
    peer: Peer,
    private readonly security: ClientSecurity = {},
  ) {
    this.peer = peer;
    this.#address = parseAddress(peer.address);
    this.#security = channelSecurity(this.#address, security);
    this.#services = openServices(this.#address, this.#security, security.token);
  }

  get services(): Services {
    return this.#services;
  }

  /**
   * Replaces services that were unavailable. A channel that could not connect fails every call
   * until its own retry; a new one tries at once.
   */
  replace(unavailable: Services): void {
    if (unavailable !== this.#services) return;
    unavailable.channel.close();
    this.#readSecurity();
    this.#services = openServices(this.#address, this.#security, this.security.token);
  }

  /** Files that are being replaced may be missing or unfit for a moment: the old ones stay. */
  #readSecurity(): void {
    try {
      this.#security = channelSecurity(this.#address, this.security);
    } catch {
      // The broker refuses the old ones if they are no longer valid.
    }
  }

  /** Calls back once when these services are connected. Returns a function that stops waiting. */
  whenConnected({ channel }: Services, callback: () => void): () => void {
    let waiting = true;
    const check = () => {
      if (!waiting) return;
      const state = channel.getConnectivityState(false);
      if (state === connectivityState.READY) {
        this.wasReached = true;
        callback();
      } else if (state !== connectivityState.SHUTDOWN) {
        channel.watchConnectivityState(state, Infinity, check);
      }
    };
    check();
    return () => {
      waiting = false;
    };
  }

  close(): void {
    this.#services.channel.close();
  }
}

function openServices(
  address: Address,
  { credentials, options }: ChannelSecurity,
  token: string | undefined,
): Services {
  const channel = new Channel(address.target, credentials, {
    ...options,
    // A proxy for web pages is not the way to a broker, least of all to one on this machine.
    'grpc.enable_http_proxy': 0,
    'grpc.enable_channelz': 0,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    // The broker sends nothing larger than what it accepted, except an entry with its Docker event.
    'grpc.max_receive_message_length': -1,
    'grpc-node.flow_control_window': 4 * MEBIBYTE,
    // Without this, a new channel would share the old one's wait.
    'grpc.use_local_subchannel_pool': 1,
    // The death of a peer behind a unix socket is noticed at once, and containerd punishes pings.
    ...(address.local
      ? {}
      : { 'grpc.keepalive_time_ms': 60_000, 'grpc.keepalive_timeout_ms': 10_000 }),
  });
  const interceptors = token === undefined ? [] : [bearer(token)];
  const shared = { channelOverride: channel, interceptors };
  return {
    channel,
    consumers: new ConsumersClient(address.target, credentials, shared),
    events: new EventsClient(address.target, credentials, shared),
    history: new HistoryClient(address.target, credentials, shared),
    recorders: new RecordersClient(address.target, credentials, shared),
  };
}
