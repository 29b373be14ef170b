import { connect, type ClientTls } from '../../client/index.js';
import { runClosedLoop, type LoadSettings } from './closed-loop.js';
import { payloadOf } from './payload.js';

/** The program's first argument, as JSON. */
export interface PublisherSettings extends LoadSettings {
  readonly address: string;
  /** Files in PEM, for an address of TCP. */
  readonly tls?: ClientTls;
  /** Payload size of each event. */
  readonly bytes: number;
  /** Number of containers; events are about each of them in rotation. */
  readonly containers: number;
}

const { address, tls, bytes, containers, ...load } = JSON.parse(
  process.argv[2] ?? '',
) as PublisherSettings;
const client = connect({ address, tls });
const payloads = Array.from({ length: containers }, (_, index) => payloadOf(index, bytes));
let next = 0;
await client.describe();
await runClosedLoop(() => {
  next = (next + 1) % payloads.length;
  return client.publish({ topic: '/tasks/create', event: payloads[next] });
}, load);
await client.close();
