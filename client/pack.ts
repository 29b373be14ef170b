import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { FoghornError } from '../protocol/errors.js';
import type { Any } from '../protos/gen/google/protobuf/any.js';
import * as eventTypes from './event-types.js';

const PACKAGE = 'containerd.events.';

type EventTypes = typeof eventTypes;
type EventName = keyof EventTypes;
type EventOf<Name extends EventName> = ReturnType<EventTypes[Name]['decode']>;

/**
 * A payload of one of containerd's types, such as `{ type: 'containerd.events.TaskExit', value:
 * TaskExit }`.
 */
export type Unpacked = {
  [Name in EventName]: {
    readonly type: `${typeof PACKAGE}${Name}`;
    readonly value: EventOf<Name>;
  };
}[EventName];

/** The part of a type in `events` that `pack` needs. */
export interface EventType<Event> {
  fromPartial(fields: Partial<Event>): Event;
  encode(event: Event): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Event;
}

const NAMES = new Map<unknown, string>(
  Object.entries(eventTypes).map(([name, type]) => [type, name]),
);

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
    return { typeUrl: PACKAGE + name, value };
  } catch (error) {
    throw new FoghornError('INVALID_ARGUMENT', `${name}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/**
 * The event in a payload; undefined when its type is not one of containerd's, or its bytes are not
 * such an event.
 */
export function unpack(payload: Any | undefined): Unpacked | undefined {
  if (payload === undefined) return undefined;
  const { typeUrl, value: bytes } = payload;
  const type = typeUrl.slice(typeUrl.lastIndexOf('/') + 1);
  const name = type.slice(PACKAGE.length);
  if (!type.startsWith(PACKAGE) || !Object.hasOwn(eventTypes, name)) return undefined;
  try {
    checkMessage(bytes);
    const value = eventTypes[name as EventName].decode(bytes);
    return { type, value } as Unpacked;
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
