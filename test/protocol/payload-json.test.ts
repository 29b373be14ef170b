import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { FoghornError } from '../../protocol/errors.js';
import { TaskExit } from '../../protos/gen/containerd/events/task.js';
import { payloadContent } from '../../protocol/event-json.js';
import { PayloadTypes } from '../../protocol/payload-types.js';

const types = PayloadTypes.load([fileURLToPath(new URL('user-types', import.meta.url))]);
const exit = types.find('containerd.events.TaskExit')!;
const sample = types.find('sample.v1.Sample')!;
const plain = types.find('sample.v1.Plain')!;

describe('PayloadType.encode', () => {
  it('produces the bytes of the generated code', () => {
    const generated = TaskExit.encode({
      containerId: 'c1',
      id: '',
      pid: 4294967295,
      exitStatus: 0,
      exitedAt: { seconds: 1700000000n, nanos: 500_000_000 },
    }).finish();
    for (const json of [
      { container_id: 'c1', pid: 4294967295, exited_at: '2023-11-14T22:13:20.5Z' },
      { containerId: 'c1', pid: '4294967295', exitedAt: '2023-11-15T00:13:20.5+02:00' },
      {
        container_id: 'c1',
        id: '',
        pid: 4294967295,
        exit_status: 0,
        exited_at: { seconds: '1700000000', nanos: 500_000_000 },
      },
    ]) {
      expect(exit.encode(json).toString('hex')).to.equal(Buffer.from(generated).toString('hex'));
    }
  });

  it('leaves out zero values of every kind, and null', () => {
    const zero = {
      name: '',
      count: 0,
      raw: '',
      color: 'COLOR_UNSPECIFIED',
      seen_at: null,
      detail: null,
      done: false,
      inner: null,
    };
    expect(plain.encode(zero)).to.have.length(0);
    // Present but empty: a tag and length 0 each.
    const present = { seen_at: '1970-01-01T00:00:00Z', detail: {}, inner: {} };
    expect(plain.encode(present).toString('hex')).to.equal('2a0032004200');
  });

  it('encodes all kinds of fields', () => {
    const big = '18446744073709551615';
    const value = sample.encode({
      labels: { a: '', __proto__x: 'p' },
      more: { text: 't' },
      part: { size: 'SIZE_BIG' },
      maybe: 0,
      number: '-9223372036854775808',
      counts: [0, -1, '7'],
      parts: { 5: { size: 1 } },
      colors: { q: 'COLOR_RED' },
      detail: { '@type': 'x/containerd.events.TaskOOM', containerId: 'c9' },
      exit: { pid: 3 },
      ratio: 'NaN',
      raw: 'aGk=',
      big,
      delta: -5,
      done: true,
      pieces: [{}, { size: 'SIZE_BIG' }],
      sizes: { s: big },
      times: { t: '1970-01-01T00:00:01Z' },
    });
    expect(sample.decode(value)).to.deep.include({
      labels: { a: '', __proto__x: 'p' },
      more: { text: 't' },
      maybe: 0,
      number: '-9223372036854775808',
      counts: [0, -1, 7],
      parts: { 5: { size: 'SIZE_BIG', whole: null } },
      colors: { q: 'COLOR_RED' },
      detail: { type_url: 'x/containerd.events.TaskOOM', value: Buffer.from('\n\x02c9') },
      ratio: NaN,
      raw: Buffer.from('hi'),
      big,
      delta: -5,
      sizes: { s: big },
      times: { t: { seconds: '1', nanos: 0 } },
    });
  });

  it('encodes an Any of unknown type from its bytes', () => {
    for (const name of ['type_url', 'typeUrl']) {
      const value = plain.encode({ detail: { [name]: 'foo.Bar', value: 'AQI' } });
      expect(plain.decode(value)).to.deep.include({
        detail: { type_url: 'foo.Bar', value: Buffer.from([1, 2]) },
      });
    }
  });

  const REFUSED: [json: unknown, says: string][] = [
    [[], 'sample.v1.Sample: expected an object, got []'],
    [{ nosuch: 1 }, 'nosuch: expected one of the fields of sample.v1.Sample: labels, more'],
    [{ part: { nosuch: 1 } }, 'part.nosuch: expected one of the fields of sample.v1.Sample.Part'],
    [{ seen_at_: 0 }, 'seen_at_: expected one of the fields'],
    [{ text: 5 }, 'text: expected a string of Unicode text, got 5'],
    [{ text: '\ud800' }, 'text: expected a string of Unicode text'],
    [{ done: 'true' }, 'done: expected true or false, got "true"'],
    [{ maybe: 1.5 }, 'maybe: expected an integer from -2147483648 to 2147483647'],
    [{ maybe: 2147483648 }, 'maybe: expected an integer'],
    [{ big: -1 }, 'big: expected an integer from 0 to 18446744073709551615'],
    [{ big: 1e17 }, 'big: expected an integer'],
    [{ ratio: '1' }, 'ratio: expected a number'],
    [{ color: 'BLUE' }, 'color: expected one of COLOR_UNSPECIFIED, COLOR_RED, or its number'],
    [{ raw: 'a b' }, 'raw: expected bytes in base64'],
    [{ seen_at: 'yesterday' }, 'seen_at: expected an RFC 3339 time such as'],
    [{ seen_at: { seconds: 1, nano: 2 } }, 'seen_at: expected an RFC 3339 time such as'],
    [{ seen_at: { nanos: 1e9 } }, 'seen_at: expected an RFC 3339 time such as'],
    [{ counts: 5 }, 'counts: expected an array, got 5'],
    [{ counts: [1, 'x'] }, 'counts[1]: expected an integer'],
    [{ labels: { a: null } }, 'labels.a: expected a string'],
    [{ parts: { x: {} } }, 'parts.x: expected an integer'],
    [{ detail: { '@type': 'foo.Bar' } }, 'detail.@type: expected a known type'],
    [
      { detail: { '@type': 'containerd.events.TaskOOM', id: 'c' } },
      'detail.id: expected one of the fields of containerd.events.TaskOOM: container_id',
    ],
    [{ lasted: '5 s' }, 'lasted: expected seconds such as "3.5s"'],
    [{ lasted: { seconds: 1, nanos: -1 } }, 'lasted: expected seconds such as "3.5s"'],
    [
      { detail: { '@type': 'google.protobuf.Struct', a: 1 } },
      'detail: expected {"@type": "google.protobuf.Struct", "value": JSON}',
    ],
    [
      { detail: { '@type': 'google.protobuf.Struct', value: { a: ['\ud800'] } } },
      'detail.a[0]: expected Unicode text',
    ],
    [{ detail: { url: 'x' } }, 'detail: expected {"@type", fields} or'],
  ];
  for (const [json, says] of REFUSED) {
    it(`says ${says}`, () => {
      expect(() => sample.encode(json))
        .to.throw(FoghornError, says)
        .with.property('code', 'INVALID_ARGUMENT');
    });
  }

  it('encodes JSON of any kind, as deep as it can be decoded', () => {
    const struct = types.find('google.protobuf.Struct')!;
    const nested = (levels: number): object =>
      levels === 1 ? { a: 1 } : { a: nested(levels - 1) };
    const json = [
      { text: '', zero: 0, no: false, none: null, list: [[], {}], __proto__x: 1 },
      {},
      nested(30),
    ];
    for (const each of json) {
      const event = { typeUrl: struct.name, value: struct.encode(each) };
      expect(payloadContent(event, types)).to.deep.equal(each);
    }
    for (const levels of [31, 100_000]) {
      let deep: unknown = 1;
      for (let level = 0; level < levels; level++) deep = level % 2 === 0 ? [deep] : { a: deep };
      expect(() => struct.encode({ deep })).to.throw(FoghornError, 'JSON of at most 30 levels');
    }
  });

  it('refuses a field that is given by both of its names', () => {
    expect(() => exit.encode({ container_id: 'a', containerId: 'b' })).to.throw(
      FoghornError,
      'containerId: expected each field once',
    );
  });
});
