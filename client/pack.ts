import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { FoghornError } from '../protocol/errors.js';
import type { Any } from '../protos/gen/google/protobuf/any.js';
import * as containerdTypes from './containerd-types.js';
import * as imageTypes from './image-types.js';
import * as recordedTypes from './recorded-types.js';

/** The types by package. */
const PACKAGES = {
  'containerd.events': containerdTypes,
  'containerd.services.images.v1': imageTypes,
  'foghorn.v1': recordedTypes,
} as const;

type Packages = typeof PACKAGES;

/** One member for each type of a package. */
type UnpackedOf<Package extends keyof Packages, Types = Packages[Package]> = {
  [Name in keyof Types & string]: {
    readonly type: `${Package}.${Name}`;
    readonly value: Types[Name] extends { decode(bytes: Uint8Array): infer Event } ? Event : never;
  };
}[keyof Types & string];

/**
 * A payload of one of the types in `events`, such as `{ type: 'containerd.events.TaskExit', value:
 * TaskExit }`. `switch (unpacked.type)` narrows the value.
 */
export type Unpacked = { [Package in keyof Packages]: UnpackedOf<Package> }[keyof Packages];

/** The part of a type in `events` that `pack` needs. */
export interface EventType<Event> {
  fromPartial(fields: Partial<Event>): Event;
  encode(event: Event): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Event;
}

/** The types by their full names, and the other way. */
const TYPES = new Map<string, EventType<object>>(
  Object.entries(PACKAGES).flatMap(([name, types]) =>
    Object.entries(types).map(([type, codec]) => [`${name}.${type}`, codec as EventType<object>]),
  ),
);
const NAMES = new Map<unknown, string>([...TYPES].map(([name, type]) => [type, name]));

/**
 * Makes the payload of an event: `pack(events.TaskExit, { containerId: 'web-1', exitStatus: 137
 * })`. Missing fields have their zero value.
 *
 * @throws FoghornError INVALID_ARGUMENT when the type is not in `events`, or a field cannot be
 * encoded.
 */
export function pack<Event>(type: EventType<Event>, fields: Partial<NoInfer<Event>>): Any {
  const name = NAMES.get(type);
  if (name === undefined) {
    throw new FoghornError('INVALID_ARGUMENT', 'pack: expected one of the types in `events`');
  }
  try {
    const value = Buffer.from(type.encode(type.fromPartial(fields)).finish());
    return { typeUrl: name, value };
  } catch (error) {
    throw new FoghornError('INVALID_ARGUMENT', `${name}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/**
 * The event in a payload; undefined when its type is not in `events`, or its bytes are not such an
 * event.
 */
export function unpack(payload: Any | undefined): Unpacked | undefined {
  if (payload === undefined) return undefined;
  const { typeUrl, value: bytes } = payload;
  const type = typeUrl.slice(typeUrl.lastIndexOf('/') + 1);
  const codec = TYPES.get(type);
  if (codec === undefined) return undefined;
  try {
    checkMessage(bytes);
    return { type, value: codec.decode(bytes) } as Unpacked;
  } catch {
    return undefined;
  }
}

/** Throws when bytes are not a protobuf message. Generated decoders take a zero tag for the end. */
function checkMessage(bytes: Uint8Array): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (wireType === WireType.EndGroup) throw new Error('a group ends unopened');
    reader.skip(wireType, field);
  }
}
