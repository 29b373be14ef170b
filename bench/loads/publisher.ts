import { connect } from '../../client/index.js';
import { runClosedLoop, type LoadSettings } from './closed-loop.js';
import { payloadOf } from './payload.js';

/** What the program is told, as JSON in its first argument. */
export interface PublisherSettings extends LoadSettings {
  readonly address: string;
  /** Of each event's payload. */
  readonly bytes: number;
  /** How many containers the events are about, in turn. */
  readonly containers: number;
}

const { address, bytes, containers, ...load } = JSON.parse(
  process.argv[2] ?? '',
) as PublisherSettings;
const client = connect({ address });
const payloads = Array.from({ length: containers }, (_, index) => payloadOf(index, bytes));
let next = 0;
await client.describe();
await runClosedLoop(() => {
  next = (next + 1) % payloads.length;
  return client.publish({ topic: '/tasks/create', event: payloads[next] });
}, load);
await client.close();
