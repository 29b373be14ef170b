import { PublishRequest } from '../../protos/gen/services/events/v1/events.js';
import { runClosedLoop, type LoadSettings } from './closed-loop.js';
import { UnaryConnection } from './http2/unary-connection.js';
import { payloadOf } from './payload.js';

/** What the program is told, as JSON in its first argument. */
export interface UnaryPublisherSettings extends LoadSettings {
  /** Of Foghorn or of containerd. */
  readonly address: string;
  /** Of each event's payload; see `UnaryConnection` for how much may be in flight. */
  readonly bytes: number;
  /** How many containers the events are about, in turn. */
  readonly containers: number;
}

const PUBLISH = '/containerd.services.events.v1.Events/Publish';

/* Publishes events one by one, by containerd's own call. */
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
