import type { PackageDefinition } from '@grpc/proto-loader';
import { WireType } from '@bufbuild/protobuf/wire';
import { JSON_TYPES } from './json-value.js';

/** The type of one value of a field. The keys and values of a map have types of their own. */
export type ValueType =
  | { readonly kind: 'string' | 'bool' | 'float' | 'bytes' }
  | { readonly kind: 'integer'; readonly min: bigint; readonly max: bigint }
  | { readonly kind: 'enum'; readonly numbers: ReadonlyMap<string, number> }
  | {
      readonly kind: 'message' | WellKnownKind;
      readonly message: MessageShape;
    }
  | {
      readonly kind: 'map';
      /** The shape of one entry, which is `key` and `value`. */
      readonly message: MessageShape;
      readonly key: PayloadField;
      readonly value: PayloadField;
    };

/**
 * Messages that have a JSON notation of their own: `json` is google.protobuf.Struct, ListValue and
 * Value, `wrapper` is StringValue and the like, which stand for their only field.
 */
type WellKnownKind = 'timestamp' | 'duration' | 'any' | 'json' | 'wrapper';

/** One field of a message type. */
export interface PayloadField {
  /** As in the .proto file. */
  readonly name: string;
  /** The lowerCamel name in protobuf's JSON. */
  readonly jsonName: string;
  readonly number: number;
  readonly repeated: boolean;
  readonly type: ValueType;
  /** The wire type of one value. */
  readonly wireType: WireType;
}

/** The name and fields of a message type. Shapes may refer to each other in circles. */
export interface MessageShape {
  /** Full name, without a leading dot. */
  readonly name: string;
  /** In the order of their declaration. */
  readonly fields: readonly PayloadField[];
  readonly byName: ReadonlyMap<string, PayloadField>;
  readonly byNumber: ReadonlyMap<number, PayloadField>;
  /** Whether some field tells unset from zero: a member of a oneof, or an `optional` scalar. */
  readonly tracksPresence: boolean;
  /** The type of fields that hold this message: another than `message` if it has its own JSON. */
  readonly asValue: ValueType;
}

/** The parts of a DescriptorProto, in JSON form, that shapes are made from. */
interface MessageDescriptor {
  name: string;
  field: FieldDescriptor[];
  nestedType: MessageDescriptor[];
  enumType: EnumDescriptor[];
  oneofDecl: unknown[];
  options: { mapEntry: boolean } | null;
}
interface FieldDescriptor {
  name: string;
  number: number;
  label: string;
  type: string;
  typeName: string;
}
interface EnumDescriptor {
  name: string;
  value: { name: string; number: number }[];
}

const INT32 = { kind: 'integer', min: -(2n ** 31n), max: 2n ** 31n - 1n } as const;
const UINT32 = { kind: 'integer', min: 0n, max: 2n ** 32n - 1n } as const;
const INT64 = { kind: 'integer', min: -(2n ** 63n), max: 2n ** 63n - 1n } as const;
const UINT64 = { kind: 'integer', min: 0n, max: 2n ** 64n - 1n } as const;

const SCALARS: Readonly<Record<string, { type: ValueType; wireType: WireType }>> = {
  TYPE_STRING: { type: { kind: 'string' }, wireType: WireType.LengthDelimited },
  TYPE_BYTES: { type: { kind: 'bytes' }, wireType: WireType.LengthDelimited },
  TYPE_BOOL: { type: { kind: 'bool' }, wireType: WireType.Varint },
  TYPE_DOUBLE: { type: { kind: 'float' }, wireType: WireType.Bit64 },
  TYPE_FLOAT: { type: { kind: 'float' }, wireType: WireType.Bit32 },
  TYPE_INT32: { type: INT32, wireType: WireType.Varint },
  TYPE_SINT32: { type: INT32, wireType: WireType.Varint },
  TYPE_SFIXED32: { type: INT32, wireType: WireType.Bit32 },
  TYPE_UINT32: { type: UINT32, wireType: WireType.Varint },
  TYPE_FIXED32: { type: UINT32, wireType: WireType.Bit32 },
  TYPE_INT64: { type: INT64, wireType: WireType.Varint },
  TYPE_SINT64: { type: INT64, wireType: WireType.Varint },
  TYPE_SFIXED64: { type: INT64, wireType: WireType.Bit64 },
  TYPE_UINT64: { type: UINT64, wireType: WireType.Varint },
  TYPE_FIXED64: { type: UINT64, wireType: WireType.Bit64 },
};

/** The shapes of all loaded messages, nested ones included, by full name. */
export function messageShapes(definitions: PackageDefinition): Map<string, MessageShape> {
  const index = new DescriptorIndex(definitions);
  return new Map([...index.messages.keys()].map((name) => [name, index.shapeOf(name)]));
}

class DescriptorIndex {
  readonly messages = new Map<string, MessageDescriptor>();
  readonly #enums = new Map<string, EnumDescriptor>();
  readonly #shapes = new Map<string, MessageShape>();

  constructor(definitions: PackageDefinition) {
    for (const [name, definition] of Object.entries(definitions)) {
      if (definition.format === 'Protocol Buffer 3 DescriptorProto') {
        this.#addMessage(name, definition.type as MessageDescriptor);
      } else if (definition.format === 'Protocol Buffer 3 EnumDescriptorProto') {
        this.#enums.set(name, definition.type as EnumDescriptor);
      }
    }
  }

  #addMessage(name: string, message: MessageDescriptor): void {
    this.messages.set(name, message);
    for (const nested of message.nestedType) {
      if (!isMapEntry(nested)) this.#addMessage(`${name}.${nested.name}`, nested);
    }
    for (const nested of message.enumType) this.#enums.set(`${name}.${nested.name}`, nested);
  }

  shapeOf(name: string): MessageShape {
    const known = this.#shapes.get(name);
    if (known !== undefined) return known;
    const message = this.messages.get(name);
    if (message === undefined) throw new Error(`no message type ${name}`);
    return this.#build(name, name, message, (shape) => this.#shapes.set(name, shape));
  }

  #build(
    name: string,
    scope: string,
    message: MessageDescriptor,
    announce?: (shape: MessageShape) => void,
  ): MessageShape {
    const fields: PayloadField[] = [];
    const byName = new Map<string, PayloadField>();
    const byNumber = new Map<number, PayloadField>();
    const tracksPresence = message.oneofDecl.length > 0;
    const shape = new Shape(name, fields, byName, byNumber, tracksPresence);
    // Registered before its fields are known, because they may refer back to it.
    announce?.(shape);
    for (const descriptor of message.field) {
      const field = this.#field(descriptor, scope, message);
      fields.push(field);
      byName.set(field.name, field);
      byNumber.set(field.number, field);
    }
    return shape;
  }

  #field(descriptor: FieldDescriptor, scope: string, owner: MessageDescriptor): PayloadField {
    const { name, number } = descriptor;
    const jsonName = name.replace(/_+([^_]?)/g, (_, next: string) => next.toUpperCase());
    const repeated = descriptor.label === 'LABEL_REPEATED';
    const entry = repeated ? mapEntryOf(descriptor, owner) : undefined;
    if (entry === undefined) {
      return { name, jsonName, number, repeated, ...this.#valueType(descriptor, scope) };
    }
    const message = this.#build(`${owner.name}.${name}`, scope, entry);
    const [key, value] = message.fields;
    if (key === undefined || value === undefined) throw new Error(`map ${name} without entries`);
    const type = { kind: 'map', message, key, value } as const;
    return { name, jsonName, number, repeated: false, type, wireType: WireType.LengthDelimited };
  }

  #valueType(
    { type, typeName }: FieldDescriptor,
    scope: string,
  ): Pick<PayloadField, 'type' | 'wireType'> {
    const scalar = SCALARS[type];
    if (scalar !== undefined) return scalar;
    if (type === 'TYPE_ENUM') {
      const values = this.#enums.get(resolveName(typeName, scope, this.#enums))?.value ?? [];
      const numbers = new Map(values.map((value) => [value.name, value.number]));
      return { type: { kind: 'enum', numbers }, wireType: WireType.Varint };
    }
    const message = this.shapeOf(resolveName(typeName, scope, this.messages));
    return {
      type: message.asValue,
      wireType: type === 'TYPE_GROUP' ? WireType.StartGroup : WireType.LengthDelimited,
    };
  }
}

const WRAPPED = [
  'Double',
  'Float',
  'Int32',
  'Int64',
  'UInt32',
  'UInt64',
  'Bool',
  'String',
  'Bytes',
];

const WELL_KNOWN: ReadonlyMap<string, WellKnownKind> = new Map([
  ['google.protobuf.Timestamp', 'timestamp'],
  ['google.protobuf.Duration', 'duration'],
  ['google.protobuf.Any', 'any'],
  ...JSON_TYPES.map((name) => [name, 'json'] as const),
  ...WRAPPED.map((name) => [`google.protobuf.${name}Value`, 'wrapper'] as const),
]);

class Shape implements MessageShape {
  readonly asValue: ValueType;

  constructor(
    readonly name: string,
    readonly fields: readonly PayloadField[],
    readonly byName: ReadonlyMap<string, PayloadField>,
    readonly byNumber: ReadonlyMap<number, PayloadField>,
    readonly tracksPresence: boolean,
  ) {
    this.asValue = { kind: WELL_KNOWN.get(name) ?? 'message', message: this };
  }
}

/** Whether a payload has its JSON in the member `value`, and not its fields beside the type. */
export function hasOwnJson({ asValue: { kind } }: MessageShape): boolean {
  return kind !== 'message' && kind !== 'any';
}

/** The only field of a message of kind `wrapper`. */
export function wrappedField({ name, fields: [field] }: MessageShape): PayloadField {
  if (field === undefined) throw new Error(`${name} has no field`);
  return field;
}

function isMapEntry(message: MessageDescriptor): boolean {
  return message.options?.mapEntry ?? false;
}

function mapEntryOf(field: FieldDescriptor, owner: MessageDescriptor) {
  return owner.nestedType.find((nested) => isMapEntry(nested) && nested.name === field.typeName);
}

/** Resolves a type name, which is relative to the scope that uses it. The innermost scope wins. */
function resolveName(name: string, scope: string, known: ReadonlyMap<string, unknown>): string {
  for (let within = scope; within !== ''; within = within.slice(0, within.lastIndexOf('.'))) {
    if (known.has(`${within}.${name}`)) return `${within}.${name}`;
    if (!within.includes('.')) break;
  }
  return name;
}
