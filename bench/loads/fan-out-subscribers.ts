import { SubscribeRequest } from '../../protos/gen/containerd/services/events/v1/events.js';
import { RawConnection } from '../../test/support/raw-http2.js';
import { Deliveries } from './deliveries.js';
import { MessageCounter } from './message-counter.js';

/** The program's first argument, as JSON. */
export interface FanOutSettings {
  /** Address of Foghorn or containerd. */
  readonly address: string;
  /** Number of subscribers. */
  readonly count: number;
  /** Number of connections that the subscribers are spread over. */
  readonly connections: number;
}

const SUBSCRIBE_PATH = '/containerd.services.events.v1.Events/Subscribe';

/*
 * Subscribers of everything through containerd's Subscribe, over `node:http2` alone: a gRPC library
 * would take more processor time than the measured server.
 */
const { address, count, connections } = JSON.parse(process.argv[2] ?? '') as FanOutSettings;
const request = SubscribeRequest.encode({ filters: [] }).finish();
const deliveries = new Deliveries();
const opened = Array.from({ length: connections }, () => new RawConnection(address));
for (let number = 0; number < count; number++) {
  const stream = opened[number % connections]?.call(SUBSCRIBE_PATH, request);
  if (stream !== undefined) deliveries.count(stream, new MessageCounter());
}
deliveries.reportOnSignals();
