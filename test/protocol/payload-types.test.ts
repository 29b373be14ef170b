import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import fc from 'fast-check';
import { FoghornError } from '../../protocol/errors.js';
import { TaskExit } from '../../protos/gen/containerd/events/task.js';
import { PayloadTypes } from '../../protocol/payload-types.js';

const USER_TYPES = fileURLToPath(new URL('user-types', import.meta.url));
const types = PayloadTypes.load([USER_TYPES]);
const exit = types.find('containerd.events.TaskExit')!;
const sample = types.find('sample.v1.Sample')!;

function bytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}

describe('PayloadTypes', () => {
  it('finds a type by its name, with or without a prefix, and nothing else', () => {
    expect(exit.name).to.equal('containerd.events.TaskExit');
    expect(types.find('type.googleapis.com/containerd.events.TaskExit')).to.equal(exit);
    expect(types.find('a/b/containerd.services.images.v1.ImageDelete')?.name).to.equal(
      'containerd.services.images.v1.ImageDelete',
    );
    for (const unknown of [
      '',
      '/',
      'containerd.events',
      'foo.Bar',
      'sample.v1.Color',
      '__proto__',
    ]) {
      expect(types.find(unknown), unknown).to.equal(undefined);
    }
  });

  it('lists fields in the order of declaration', () => {
    expect(exit.shape.fields.map(({ name, type }) => `${name} ${type.kind}`)).to.deep.equal([
      'container_id string',
      'id string',
      'pid integer',
      'exit_status integer',
      'exited_at timestamp',
    ]);
  });

  it('distinguishes a map from a nested message of the same name', () => {
    const { byName } = sample.shape;
    expect(byName.get('labels')?.type.kind).to.equal('map');
    expect(byName.get('more')?.type).to.have.nested.property(
      'message.name',
      'sample.v1.Sample.Labels',
    );
  });

  it('decodes missing fields as their defaults', () => {
    const value = TaskExit.encode(
      TaskExit.fromPartial({ containerId: 'c1', exitedAt: { seconds: 5n, nanos: 7 } }),
    ).finish();
    expect(exit.decode(value)).to.deep.equal({
      container_id: 'c1',
      id: '',
      pid: 0,
      exit_status: 0,
      exited_at: { seconds: '5', nanos: 7 },
    });
    expect(exit.decode(bytes(''))).to.have.property('exited_at', null);
  });

  const MALFORMED: [what: string, hex: string][] = [
    ['a lone tag', 'ffff'],
    ['a text cut off', '0a0563'],
    ['a field of another wire type', '0801'],
    ['a number sent as bytes', '1a0105'],
    ['text that is not UTF-8', '0a01ff'],
    ['a nested message that is malformed', '2a0208'],
    ['a nested field of another wire type', '2a020a00'],
    ['a nested message longer than all there is', '2a05'],
    ['field number 0', '0000'],
    ['a group that ends unopened', '5c'],
    ['a number without end', '18ffffffffffffffffffffff01'],
  ];
  for (const [what, hex] of MALFORMED) {
    it(`refuses ${what}`, () => {
      expect(() => exit.decode(bytes(hex))).to.throw(Error);
    });
  }

  it('reads repeated numbers packed and unpacked, and refuses packed ones that are cut off', () => {
    expect(sample.decode(bytes('42020102' + '4003'))).to.have.deep.property('counts', [1, 2, 3]);
    expect(() => sample.decode(bytes('42020180'))).to.throw(Error);
  });

  it('refuses a text that runs past the nested message it is in', () => {
    expect(() => sample.decode(bytes('12020a05' + '6162636465'))).to.throw(Error, 'past');
  });

  it('skips unknown fields, groups included', () => {
    expect(exit.decode(bytes('0a0163' + '980105' + '5b08015c'))).to.have.property(
      'container_id',
      'c',
    );
  });

  it('refuses messages nested too deep instead of exhausting the stack', () => {
    let message = Buffer.alloc(0);
    const wrap = (tag: number, inner: Buffer) => {
      const length = Buffer.alloc(5);
      let at = 0;
      for (let left = inner.length; ; left >>>= 7) {
        length[at++] = left > 127 ? (left & 127) | 128 : left;
        if (left <= 127) break;
      }
      return Buffer.concat([Buffer.from([tag]), length.subarray(0, at), inner]);
    };
    // Sample.part (3) holds Part.whole (2), which is a Sample again.
    for (let depth = 0; depth < 5000; depth++) message = wrap(0x1a, wrap(0x12, message));
    expect(() => sample.decode(message)).to.throw(Error, 'deep');
    expect(() => exit.decode(Buffer.alloc(100_000, 0x5b))).to.throw(Error);
  });

  it('throws nothing but an Error, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (value) => {
        try {
          sample.decode(value);
        } catch (error) {
          expect(error).to.be.instanceOf(Error);
        }
      }),
    );
  });

  describe('load', () => {
    let dir: string;
    beforeEach(() => {
      dir = mkdtempSync(join(tmpdir(), 'foghorn-protos-'));
    });
    afterEach(() => {
      rmSync(dir, { recursive: true });
    });

    const BAD_FILES: [what: string, text: string, says: RegExp][] = [
      ['does not parse', 'hello', /hello/],
      ['names a missing type', 'syntax="proto3"; package q; message M { Nope a = 1; }', /Nope/],
      [
        'redefines a built-in type',
        'syntax="proto3"; package containerd.events; message TaskExit { string a = 1; }',
        /redefines no other type.*TaskExit/,
      ],
    ];
    for (const [what, text, says] of BAD_FILES) {
      it(`names a file that ${what}`, () => {
        writeFileSync(join(dir, 'good.proto'), 'syntax="proto3"; package q; message G {}');
        const file = join(dir, 'wrong.proto');
        writeFileSync(file, text);
        expect(() => PayloadTypes.load([dir]))
          .to.throw(FoghornError, says)
          .with.property('message')
          .that.satisfies((message: string) => message.startsWith(`${file}: expected`));
      });
    }

    it('refuses two files that define the same type', () => {
      const text = 'syntax="proto3"; package q; message Twice { string a = 1; }';
      writeFileSync(join(dir, 'a.proto'), text);
      writeFileSync(join(dir, 'b.proto'), text);
      expect(() => PayloadTypes.load([dir])).to.throw(FoghornError, /define each type once.*Twice/);
    });

    it('refuses a missing directory', () => {
      expect(() => PayloadTypes.load([join(dir, 'nowhere')])).to.throw(
        FoghornError,
        'expected a readable directory',
      );
    });
  });
});
