import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import fc from 'fast-check';
import { formatJson, parseEnvelopeJson } from '../../protocol/event-json.js';
import { FoghornError } from '../../protocol/errors.js';
import { TaskCreate, TaskExit } from '../../protos/gen/containerd/events/task.js';
import { ContainerUpdate } from '../../protos/gen/containerd/events/container.js';
import type { Entry } from '../../protos/gen/foghorn/v1/history.js';
import { PayloadTypes } from '../../protocol/payload-types.js';
import { anyCharacter } from '../support/any-character.js';
import { runs } from '../support/property-runs.js';

const types = PayloadTypes.load([fileURLToPath(new URL('user-types', import.meta.url))]);

const entry: Entry = {
  cursor: 'k1',
  timestamp: { seconds: 1700000000n, nanos: 5 },
  namespace: 'ns1',
  topic: '/tasks/exit',
  event: undefined,
};

describe('formatJson', () => {
  it('spells out defaults, so that exit status 0 is visible', () => {
    const value = TaskExit.encode(TaskExit.fromPartial({ containerId: 'c1' })).finish();
    const event = { typeUrl: 'containerd.events.TaskExit', value };
    expect(formatJson({ ...entry, event }, types)).to.equal(
      '{"cursor":"k1","timestamp":"2023-11-14T22:13:20.000000005Z","namespace":"ns1","topic":"/tasks/exit",' +
        '"event":{"@type":"containerd.events.TaskExit","container_id":"c1","id":"","pid":0,"exit_status":0,"exited_at":null}}',
    );
  });

  it('writes nested times with nine digits, 64-bit integers as text, bytes in base64', () => {
    const sample = types.find('sample.v1.Sample')!;
    const value = sample.encode({
      seen_at: '1970-01-01T00:00:01.5Z',
      number: 7,
      raw: 'aGk=',
      ratio: 'Infinity',
      parts: { 1: { size: 'SIZE_BIG' } },
      color: 'COLOR_RED',
    });
    const line = formatJson({ ...entry, event: { typeUrl: 'p/sample.v1.Sample', value } }, types);
    const { event } = JSON.parse(line) as { event: Record<string, unknown> };
    expect(event).to.deep.include({
      '@type': 'p/sample.v1.Sample',
      seen_at: '1970-01-01T00:00:01.500000000Z',
      number: '7',
      raw: 'aGk=',
      ratio: 'Infinity',
      parts: { 1: { size: 'SIZE_BIG', whole: null } },
      color: 'COLOR_RED',
      big: '0',
      labels: {},
      counts: [],
      part: null,
    });
    expect(event).not.to.have.any.keys('maybe', 'text');
  });

  it('shows a payload that it cannot decode as its bytes', () => {
    for (const typeUrl of ['foo.Bar', 'containerd.events.TaskExit', '']) {
      const event = { typeUrl, value: Buffer.from('ffff', 'hex') };
      expect(JSON.parse(formatJson({ ...entry, event }, types))).to.have.deep.property('event', {
        type_url: typeUrl,
        value: '//8=',
      });
    }
  });

  it('leaves out an event and a timestamp that are not there', () => {
    expect(formatJson({ ...entry, timestamp: undefined }, types)).to.equal(
      '{"cursor":"k1","namespace":"ns1","topic":"/tasks/exit"}',
    );
  });
});

describe('parseEnvelopeJson', () => {
  it('takes the event as bytes, and times with offsets or as numbers', () => {
    for (const timestamp of [
      '"2023-11-15T00:13:20.000000005+02:00"',
      '{"seconds":"1700000000","nanos":5}',
    ]) {
      for (const name of ['type_url', 'typeUrl']) {
        const line = `{"timestamp":${timestamp},"namespace":"n","topic":"/t","event":{"${name}":"foo.Bar","value":"AQI="}}`;
        expect(parseEnvelopeJson(line, types)).to.deep.equal({
          timestamp: { seconds: 1700000000n, nanos: 5 },
          namespace: 'n',
          topic: '/t',
          event: { typeUrl: 'foo.Bar', value: Buffer.from([1, 2]) },
        });
      }
    }
  });

  const REFUSED: [line: string, says: string][] = [
    ['', 'envelope: expected one JSON object per line'],
    ['[]', 'envelope: expected an object, got []'],
    ['{"name":"x"}', 'name: expected one of cursor, timestamp, namespace, topic, event'],
    ['{"namespace":5}', 'namespace: expected a string, got 5'],
    ['{"topic":{}}', 'topic: expected a string, got {}'],
    ['{"timestamp":"now"}', 'timestamp: expected an RFC 3339 time such as'],
    ['{"event":"x"}', 'event: expected an object, got "x"'],
    ['{"event":{"@type":"foo.Bar"}}', 'event.@type: expected a known type'],
    ['{"event":{"@type":"containerd.events.TaskOOM","id":"c"}}', 'event.id: expected one of'],
    ['{"event":{"type_url":"foo.Bar","value":"?"}}', 'event.value: expected bytes in base64'],
  ];
  for (const [line, says] of REFUSED) {
    it(`says ${says}`, () => {
      expect(() => parseEnvelopeJson(line, types))
        .to.throw(FoghornError, says)
        .with.property('code', 'INVALID_ARGUMENT');
    });
  }

  it('reads back the bytes of every entry that formatJson writes', () => {
    const text = fc.string({ unit: anyCharacter }).filter((value) => !/\p{Surrogate}/u.test(value));
    // Go writes both halves of a map entry even if they are empty; our encoder does not.
    const someText = text.filter((value) => value !== '');
    const timestamp = fc.record({
      seconds: fc.bigInt(-62135596800n, 253402300799n),
      nanos: fc.integer({ min: 0, max: 999_999_999 }),
    });
    const uint32 = fc.integer({ min: 0, max: 0xffffffff });
    const optionalTime = fc.option(timestamp, { nil: undefined });
    const event = fc.oneof(
      fc
        .record({
          containerId: text,
          id: text,
          pid: uint32,
          exitStatus: uint32,
          exitedAt: optionalTime,
        })
        .map((value) => ({
          typeUrl: 'containerd.events.TaskExit',
          value: TaskExit.encode(value).finish(),
        })),
      fc
        .record({
          id: text,
          image: text,
          labels: fc.array(fc.tuple(someText, someText)).map((entries) => new Map(entries)),
          snapshotKey: text,
        })
        .map((value) => ({
          typeUrl: 'x/containerd.events.ContainerUpdate',
          value: ContainerUpdate.encode(value).finish(),
        })),
      fc
        .record({
          rootfs: fc.array(
            fc.record({ type: text, source: text, target: text, options: fc.array(text) }),
          ),
          io: fc.record({ stdin: text, stdout: text, stderr: text, terminal: fc.boolean() }),
        })
        .map((value) => ({
          typeUrl: 'containerd.events.TaskCreate',
          value: TaskCreate.encode(TaskCreate.fromPartial(value)).finish(),
        })),
      fc.record({ typeUrl: fc.constant('foo.Bar'), value: fc.uint8Array() }),
    );
    const entries = fc.record({
      cursor: text,
      timestamp: optionalTime,
      namespace: text,
      topic: text,
      event: fc.option(event, { nil: undefined }),
    });
    fc.assert(
      fc.property(entries, ({ cursor, ...envelope }) => {
        const line = formatJson({ cursor, ...envelope }, types);
        expect(line).not.to.include('\n');
        const { event: read, ...rest } = parseEnvelopeJson(line, types);
        const { event: written, ...expected } = envelope;
        expect(rest).to.deep.equal(expected);
        expect(read?.typeUrl).to.equal(written?.typeUrl);
        expect(Buffer.from(read?.value ?? []).toString('hex')).to.equal(
          Buffer.from(written?.value ?? []).toString('hex'),
        );
      }),
      runs(50),
    );
  });
});
