import { expect } from 'chai';
import { ContainerCreate } from '../../../../protos/gen/containerd/events/container.js';
import { TaskExit } from '../../../../protos/gen/containerd/events/task.js';
import type { Any } from '../../../../protos/gen/google/protobuf/any.js';
import { Entry } from '../../../../protos/gen/foghorn/v1/history.js';
import type { Envelope } from '../../../../protos/gen/containerd/types/event.js';
import { parseCursor } from '../../../../server/events/cursor.js';
import { offsetsOf } from '../../../support/responses.js';
import { handledLater } from '../../../support/handled-later.js';
import { TestServer } from '../../../support/test-server.js';
import { casesOf, objectsOf, type FilteredObject, type MatchCase } from '../../filter/cases.js';

interface JsonEnvelope {
  readonly tag?: string;
  readonly timestamp?: { readonly seconds: number; readonly nanos: number };
  readonly namespace: string;
  readonly topic: string;
  readonly event?: {
    readonly type_url: string;
    readonly value_hex?: string;
    readonly fields: { readonly id?: string; readonly container_id?: string };
  };
}

/** Expectations that differ from containerd, which has no filters on numbers and times. */
const DELIBERATE: Readonly<Record<string, { adds?: string[]; removes?: string[] }>> = {
  'event.pid==42': { adds: ['task-exit-init', 'task-delete'] },
  'event.exit_status==137': { adds: ['task-exit-exec'] },
  'event.exit_status!=137': { removes: ['task-exit-exec'] },
  'event.exited_at': { adds: ['task-exit-init', 'task-exit-exec', 'task-delete', 'sandbox-exit'] },
};

/** Refused regular expressions, for which containerd opens a silent stream. */
const REFUSED = 'contains a pattern that does not compile';

function isRefused({ error, note = '' }: MatchCase): boolean {
  return error === true || note.startsWith(REFUSED);
}

const envelopeCases = casesOf('match').filter(({ adaptor }) => adaptor === 'envelope');
/** Each list of objects once; offsets in history identify the list. */
const lists = [...new Set(envelopeCases.map(objectsKey))];

function objectsKey(each: MatchCase): string {
  return JSON.stringify(objectsOf(each));
}

function filtersOf({ filter, filters }: MatchCase): string[] {
  return filter === undefined ? [...(filters ?? [])] : [filter];
}

function eventOf(event: JsonEnvelope['event']): Any | undefined {
  if (event === undefined) return undefined;
  const { type_url: typeUrl, value_hex: hex, fields } = event;
  if (hex !== undefined) return { typeUrl, value: Buffer.from(hex, 'hex') };
  const { id = '', container_id: containerId = '' } = fields;
  const message =
    typeUrl === 'containerd.events.TaskExit'
      ? TaskExit.encode(TaskExit.fromPartial({ containerId }))
      : ContainerCreate.encode(ContainerCreate.fromPartial({ id }));
  return { typeUrl, value: message.finish() };
}

function envelopeOf(object: FilteredObject): Envelope {
  const { timestamp, namespace, topic, event } = object as unknown as JsonEnvelope;
  const { seconds, nanos } = timestamp ?? { seconds: 1, nanos: 0 };
  return {
    timestamp: { seconds: BigInt(seconds), nanos },
    namespace,
    topic,
    event: eventOf(event),
  };
}

function tagOf(object: FilteredObject, index: number): string {
  return (object as unknown as JsonEnvelope).tag ?? `object ${index}`;
}

describe('filters over the wire', () => {
  /** For each list, the offset of its first object. */
  const firstOffsets = new Map<string, number>();
  const live = new Map<MatchCase, Promise<number[]>>();
  const replayed = new Map<MatchCase, Promise<number[]>>();
  let server: TestServer;

  before(async () => {
    server = await TestServer.start();
    const client = server.client();
    for (const each of envelopeCases) {
      const stream = client.subscribe(filtersOf(each));
      if (!isRefused(each)) await stream.headers;
      const offset = (bytes: Buffer): number => parseCursor(Entry.decode(bytes).cursor).offset;
      live.set(each, handledLater(stream.toEnd().then((events) => events.map(offset))));
    }
    let offset = 1;
    for (const key of lists) {
      firstOffsets.set(key, offset);
      for (const object of JSON.parse(key) as FilteredObject[]) {
        await client.forward(envelopeOf(object));
        offset += 1;
      }
    }
    for (const each of envelopeCases) {
      const start = { $case: 'earliest', value: {} } as const;
      const stream = client.read({ filters: filtersOf(each), start, stopWhenCaughtUp: true });
      replayed.set(each, handledLater(stream.toEnd().then(offsetsOf)));
    }
    await Promise.allSettled(replayed.values());
    // Ends the live ones when they have everything.
    await server.drain();
  });
  after(() => server.stop());

  /** The tags of the objects of this case among these offsets. */
  function tags(each: MatchCase, offsets: readonly number[]): string[] {
    const first = firstOffsets.get(objectsKey(each))!;
    return objectsOf(each).flatMap((object, index) =>
      offsets.includes(first + index) ? [tagOf(object, index)] : [],
    );
  }

  function expectedTags(each: MatchCase): string[] {
    const { adds = [], removes = [] } = DELIBERATE[filtersOf(each).join(' OR ')] ?? {};
    const objects = objectsOf(each);
    const theirs = each.expect.map((index) => tagOf(objects[index]!, index));
    return [...theirs.filter((tag) => !removes.includes(tag)), ...adds];
  }

  for (const [api, results] of Object.entries({ Subscribe: live, Read: replayed })) {
    describe(api, () => {
      for (const each of envelopeCases) {
        if (isRefused(each)) {
          it(`refuses ${JSON.stringify(filtersOf(each))}`, async () => {
            const outcome = await results.get(each)!.catch((error: unknown) => error as Error);
            expect(outcome).to.be.an('error');
            expect((outcome as Error).message).to.contain('3 subscription error: failed parsing');
          });
          continue;
        }
        it(`${each.name} ${JSON.stringify(filtersOf(each))}`, async () => {
          expect(tags(each, await results.get(each)!)).to.deep.equal(expectedTags(each));
        });
      }
    });
  }
});
