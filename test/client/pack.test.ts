import { expect } from 'chai';
import { FoghornError, events, pack, unpack } from '../../client/index.js';
import type { EventType } from '../../client/index.js';
import { PayloadTypes } from '../../protocol/payload-types.js';

const types = PayloadTypes.load();

describe('pack and unpack', () => {
  it('packs the given fields and leaves the others zero', () => {
    const payload = pack(events.TaskExit, {
      containerId: 'web-1',
      exitStatus: 137,
      exitedAt: { seconds: 5n, nanos: 1 },
    });
    expect(payload.typeUrl).to.equal('containerd.events.TaskExit');
    const unpacked = unpack(payload);
    if (unpacked?.type !== 'containerd.events.TaskExit') expect.fail('not a TaskExit');
    expect(unpacked.value).to.deep.equal({
      containerId: 'web-1',
      id: '',
      pid: 0,
      exitStatus: 137,
      exitedAt: { seconds: 5n, nanos: 1 },
    });
  });

  it('unpacks every type of `events`, also by a URL with a prefix', () => {
    for (const [name, type] of Object.entries(events)) {
      const { typeUrl, value } = pack(type as EventType<object>, {});
      const known = types.find(typeUrl);
      expect(known?.name, typeUrl).to.match(new RegExp(`\\.${name}$`));
      const unpacked = unpack({ typeUrl: `type.googleapis.com/${typeUrl}`, value });
      expect(unpacked?.type).to.equal(typeUrl);
    }
  });

  for (const [what, typeUrl] of [
    ['an unknown type', 'containerd.events.Nothing'],
    ['a type of another package', 'other.TaskExit'],
    ['a name that objects have', 'containerd.events.toString'],
  ] as const) {
    it(`has no word for ${what}`, () => {
      expect(unpack({ typeUrl, value: Buffer.alloc(0) })).to.equal(undefined);
    });
  }

  for (const hex of ['00', '0a05', '2204ff', '0f', '0c', '0a01ff00', 'ffffffffff']) {
    it(`does not take the bytes ${hex} for an exit`, () => {
      const value = Buffer.from(hex, 'hex');
      expect(unpack({ typeUrl: 'containerd.events.TaskExit', value })).to.equal(undefined);
    });
  }

  it('narrows the value by the type', () => {
    const payload = pack(events.DockerEvent, { action: 'die', attributes: new Map([['a', 'b']]) });
    const unpacked = unpack(payload);
    switch (unpacked?.type) {
      case 'containerd.events.TaskExit':
        expect.fail(`exit ${unpacked.value.exitStatus}`);
        break;
      case 'foghorn.v1.DockerEvent':
        expect(unpacked.value.attributes.get('a')).to.equal('b');
        break;
      default:
        expect.fail('not a DockerEvent');
    }
  });

  it('unpacks nothing without a payload', () => {
    expect(unpack(undefined)).to.equal(undefined);
  });

  it('refuses a type that is not in `events`, and a value of the wrong type', () => {
    const foreign = { ...events.TaskExit };
    expect(() => pack(foreign, {})).to.throw(FoghornError, 'one of the types in `events`');
    expect(() => pack(events.TaskExit, { pid: -1 })).to.throw(FoghornError, 'TaskExit: ');
  });
});
