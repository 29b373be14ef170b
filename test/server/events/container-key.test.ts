import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  ContainerCreate,
  ContainerDelete,
  ContainerUpdate,
} from '../../../protos/gen/containerd/events/container.js';
import { ImageCreate } from '../../../protos/gen/containerd/events/image.js';
import { SandboxExit } from '../../../protos/gen/containerd/events/sandbox.js';
import * as task from '../../../protos/gen/containerd/events/task.js';
import { Any } from '../../../protos/gen/google/protobuf/any.js';
import { readPayload } from '../../../protocol/wire/any.js';
import { FoghornError } from '../../../protocol/errors.js';
import { subjectOf, type Subject } from '../../../server/events/container-key.js';
import { FILED_TYPES } from '../../../server/events/filed-types.js';
import { anyCharacter } from '../../support/any-character.js';
import { runs } from '../../support/property-runs.js';

function any(typeUrl: string, value: Uint8Array): Uint8Array {
  return Any.encode({ typeUrl, value }).finish();
}

interface Encoder {
  fromPartial(partial: object): never;
  encode(message: never): { finish(): Uint8Array };
}

/** Encodes a message of any generated type; their signatures have no common form. */
function encoded(type: object, fields: object): Uint8Array {
  const encoder = type as unknown as Encoder;
  return encoder.encode(encoder.fromPartial(fields)).finish();
}

/** The subject of an encoded Any; undefined for bytes that are none. */
function subjectIn(event: Uint8Array): Subject | undefined {
  const any = readPayload(event);
  return any instanceof FoghornError ? undefined : subjectOf(any);
}

function containerOf(event: Uint8Array): string | undefined {
  return subjectIn(event)?.container;
}

describe('the container of an event', () => {
  const CONTAINER_EVENTS = { ContainerCreate, ContainerUpdate, ContainerDelete };
  const {
    TaskCreate,
    TaskStart,
    TaskDelete,
    TaskExit,
    TaskOOM,
    TaskExecAdded,
    TaskExecStarted,
    TaskPaused,
    TaskResumed,
    TaskCheckpointed,
  } = task;
  const TASK_EVENTS = {
    TaskCreate,
    TaskStart,
    TaskDelete,
    TaskExit,
    TaskOOM,
    TaskExecAdded,
    TaskExecStarted,
    TaskPaused,
    TaskResumed,
    TaskCheckpointed,
  };

  for (const [name, type] of Object.entries(CONTAINER_EVENTS)) {
    it(`${name}: its id`, () => {
      const value = encoded(type, { id: 'c1', image: 'image' });
      expect(containerOf(any(`containerd.events.${name}`, value))).to.equal('c1');
    });
  }

  for (const [name, type] of Object.entries(TASK_EVENTS)) {
    it(`${name}: its container_id, not its id`, () => {
      const fields = { containerId: 'c1', id: 'exec', execId: 'exec', pid: 7, exitStatus: 1 };
      const value = encoded(type, fields);
      expect(containerOf(any(`containerd.events.${name}`, value))).to.equal('c1');
    });
  }

  const exit = encoded(task.TaskExit, { containerId: 'c1', id: 'e1', pid: 3 });

  for (const url of [
    'type.googleapis.com/containerd.events.TaskExit',
    'a/b/containerd.events.TaskExit',
  ]) {
    it(`is found behind the prefix of ${url}`, () => {
      expect(containerOf(any(url, exit))).to.equal('c1');
    });
  }

  it('is the last one of a repeated field', () => {
    const value = Buffer.concat([exit, encoded(task.TaskOOM, { containerId: 'c2' })]);
    expect(containerOf(any('containerd.events.TaskExit', value))).to.equal('c2');
  });

  const NONE: Readonly<Record<string, Uint8Array>> = {
    'an event about an image': any(
      'containerd.services.images.v1.ImageCreate',
      encoded(ImageCreate, { name: 'c1' }),
    ),
    'an event about a sandbox': any(
      'containerd.events.SandboxExit',
      encoded(SandboxExit, { sandboxId: 'c1' }),
    ),
    'a type of the same name elsewhere': any('other.events.TaskExit', exit),
    'an unknown type': any('foo.Bar', exit),
    'no type': any('', exit),
    'an empty id': any('containerd.events.TaskExit', new Uint8Array()),
    'an id too long to be one': any(
      'containerd.events.TaskExit',
      encoded(task.TaskOOM, { containerId: 'x'.repeat(256) }),
    ),
    'an id with a NUL': any(
      'containerd.events.TaskExit',
      encoded(task.TaskOOM, { containerId: 'a\0b' }),
    ),
    'a payload that is cut off': any('containerd.events.TaskExit', exit.subarray(0, 3)),
    'an Any that is cut off': any('containerd.events.TaskExit', exit).subarray(0, 20),
    'an empty Any': new Uint8Array(),
  };
  for (const [name, event] of Object.entries(NONE)) {
    it(`there is none in ${name}`, () => {
      expect(containerOf(event)).to.equal(undefined);
    });
  }

  it('accepts an id of 255 bytes', () => {
    const value = encoded(task.TaskOOM, { containerId: 'x'.repeat(255) });
    expect(containerOf(any('containerd.events.TaskOOM', value))).to.have.lengthOf(255);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(() => containerOf(bytes)).to.not.throw();
        for (const type of FILED_TYPES.keys()) {
          expect(() => containerOf(any(type, bytes))).to.not.throw();
        }
      }),
    );
  });

  it('is the same in an event that needs a complete decoder', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: anyCharacter }));
    const field = fc.record({ number: fc.integer({ min: 1, max: 6 }), content: text });
    const type = fc.constantFrom(...FILED_TYPES.keys(), 'x/containerd.events.TaskExit', 'foo.Bar');
    // A group at the end, of a field that no type has: complete decoders skip it.
    const group = Buffer.from('f301f401', 'hex');
    fc.assert(
      fc.property(type, fc.array(field), fc.nat(), (name, fields, pid) => {
        const writer = new BinaryWriter();
        for (const { number, content } of fields)
          writer.tag(number, WireType.LengthDelimited).string(content);
        const value = writer.tag(6, WireType.Varint).uint32(pid).finish();
        const odd = any(name, Buffer.concat([value, group]));
        expect(subjectIn(any(name, value))).to.deep.equal(subjectIn(odd));
        expect(subjectIn(Buffer.concat([any(name, value), group]))).to.deep.equal(subjectIn(odd));
      }),
      runs(2000),
    );
  });
});
