import { expect } from 'chai';
import { events, pack, type EventType } from '../../../client/index.js';
import { makeEntry } from '../../../client/read/entry-json.js';
import { formatJson } from '../../../protocol/event-json.js';
import { PayloadTypes } from '../../../protocol/payload-types.js';
import type { Any } from '../../../protos/gen/google/protobuf/any.js';

const types = PayloadTypes.load();

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** The same entry by JSON.stringify, and as commands and the HTTP API write it. */
function bothForms(event: Any | undefined): [string, string] {
  const time = { seconds: 1_700_000_000n, nanos: 5 };
  const trace = { traceparent: TRACEPARENT, tracestate: 'vendor=1' };
  const entry = makeEntry(time, 'ns', '/t', event, 'c', undefined, trace);
  return [JSON.stringify(entry), formatJson(entry, types)];
}

/** Values that JSON.stringify alone cannot write, in messages, maps, lists and choices. */
const RICH = [
  pack(events.TaskExit, { exitStatus: 3, exitedAt: { seconds: 1n, nanos: 2 } }),
  pack(events.ContainerCreate, {
    runtime: { name: 'runc', options: pack(events.TaskOOM, { containerId: 'inner' }) },
  }),
  pack(events.ContainerUpdate, { labels: new Map([['camelCase', 'kept']]) }),
  pack(events.DockerEvent, { timeNano: 5n, attributes: new Map([['exitCode', '1']]) }),
  pack(events.TaskCreate, { rootfs: [{ type: 'x', source: '', target: '', options: ['a=b'] }] }),
  pack(events.ObservedRun, {
    observation: { $case: 'lost', value: { reason: 'gone', lastSeen: undefined } },
  }),
];

describe('JSON.stringify of an entry that was read', () => {
  it('is the JSON of commands and of the HTTP API, for every type', () => {
    const empty = Object.values(events).map((type) => pack(type as EventType<object>, {}));
    const unknown = { typeUrl: 'x.Y', value: Buffer.from('ab') };
    for (const event of [undefined, unknown, ...empty, ...RICH]) {
      const [stringified, formatted] = bothForms(event);
      expect(JSON.parse(stringified), event?.typeUrl).to.deep.equal(JSON.parse(formatted));
    }
  });
});
