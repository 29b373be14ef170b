import { PublishRequest } from '../../protos/gen/containerd/services/events/v1/events.js';
import { runClosedLoop, type LoadSettings } from './closed-loop.js';
import { UnaryConnection } from './http2/unary-connection.js';
import { payloadOf } from './payload.js';

/** The program's first argument, as JSON. */
export interface UnaryPublisherSettings extends LoadSettings {
  /** Address of Foghorn or containerd. */
  readonly address: string;
  /** Payload size of each event; see `UnaryConnection` for the limit of bytes in flight. */
  readonly bytes: number;
  /** Number of containers; events are about each of them in rotation. */
  readonly containers: number;
}

const PUBLISH = '/containerd.services.events.v1.Events/Publish';

/* Publishes events one by one through containerd's Publish. */
const { address, bytes, containers, ...load } = JSON.parse(
  process.argv[2] ?? '',
) as UnaryPublisherSettings;
const requests = Array.from({ length: containers }, (_, index) => {
  const request = { topic: '/tasks/create', event: payloadOf(index, bytes) };
  return UnaryConnection.encode(PublishRequest.encode(request).finish());
});
const connection = await UnaryConnection.open(address, PUBLISH, {
  'containerd-namespace': 'default',
});
let next = 0;
await runClosedLoop(() => {
  const request = requests[next] ?? Buffer.alloc(0);
  next = (next + 1) % containers;
  return connection.call(request);
}, load);
connection.close();
