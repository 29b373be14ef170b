import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadSync } from '@grpc/proto-loader';
import type { MessageTypeDefinition, PackageDefinition } from '@grpc/proto-loader';
import { FoghornError } from './errors.js';
import { encodePayloadJson } from './payload-json.js';
import { messageShapes } from './payload-shape.js';
import type { MessageShape } from './payload-shape.js';
import { checkWireFormat } from './wire/payload.js';
import { protoIncludeDirs } from './proto-files.js';

/**
 * A decoded message: values by proto field name.
 * Unset fields have their zero value ('' 0 '0' false [] {} and the enum's first name), unset
 * messages are null, and unset members of a oneof are left out. 64-bit integers are decimal
 * strings, enums are names (numbers where no name is known), and bytes are Buffers.
 */
export type DecodedPayload = Readonly<Record<string, unknown>>;

/** One payload type that can be decoded, shown and made from JSON. */
export interface PayloadType {
  /** Full name, for example containerd.events.TaskExit. */
  readonly name: string;
  /** Its fields, in the order of declaration. */
  readonly shape: MessageShape;
  /** Finds the types of nested google.protobuf.Any values. */
  readonly registry: PayloadTypes;
  /** Throws an Error if the bytes are not such a message. */
  decode(bytes: Uint8Array): DecodedPayload;
  /**
   * Encodes the message from protobuf's JSON.
   * Throws INVALID_ARGUMENT with the name of a field that is unknown or of the wrong kind, and what
   * was expected. @param path leads to this message in the whole input
   */
  encode(json: unknown, path?: string): Buffer;
}

const CONTAINERD_FILES = [
  'container',
  'content',
  'image',
  'namespace',
  'sandbox',
  'snapshot',
  'task',
].map((name) => `containerd/events/${name}.proto`);

/**
 * Types for values without a type of their own, JSON objects above all. The loader has these files,
 * and warns about relative names that are not in its directories.
 */
const WELL_KNOWN_FILES = ['struct', 'wrappers', 'duration', 'empty'].map(
  (name) => `/google/protobuf/${name}.proto`,
);

/** Payloads of recorders. */
const OUR_FILES = ['docker', 'recording', 'run'].map((name) => `foghorn/v1/${name}.proto`);

class LoadedType implements PayloadType {
  constructor(
    readonly shape: MessageShape,
    readonly registry: PayloadTypes,
    private readonly definition: MessageTypeDefinition<object, object>,
  ) {}

  get name(): string {
    return this.shape.name;
  }

  decode(bytes: Uint8Array): DecodedPayload {
    checkWireFormat(bytes, this.shape);
    return this.definition.deserialize(bytes as Buffer) as DecodedPayload;
  }

  encode(json: unknown, path = ''): Buffer {
    return this.definition.serialize(encodePayloadJson(json, this.shape, path, this.registry));
  }
}

/**
 * The payload types that this process knows: containerd's, recorded ones, and those of users'
 * files.
 */
export class PayloadTypes {
  /** Read once with this module, because parsing takes a large part of a broker's start. */
  static readonly #builtIn = new PayloadTypes(loadDefinitions([], []));

  readonly #types = new Map<string, PayloadType>();

  private constructor(definitions: PackageDefinition) {
    const shapes = messageShapes(definitions);
    for (const [name, definition] of Object.entries(definitions)) {
      const shape = shapes.get(name);
      // Services and enums have no shape. Nested messages are not payload types of their own.
      if (shape === undefined) continue;
      this.#types.set(
        name,
        new LoadedType(shape, this, definition as MessageTypeDefinition<object, object>),
      );
    }
  }

  /**
   * Reads the built-in types and every .proto file under the given directories. Imports are looked
   * up in those directories, too.
   * Throws INVALID_ARGUMENT with the name of a file that cannot be used.
   */
  static load(protoDirs: readonly string[] = []): PayloadTypes {
    if (protoDirs.length === 0) return PayloadTypes.#builtIn;
    const dirs = protoDirs.map((dir) => resolve(dir));
    const files = dirs.flatMap(protoFilesIn);
    try {
      return new PayloadTypes(loadDefinitions(files, dirs));
    } catch (error) {
      throw new FoghornError('INVALID_ARGUMENT', loadProblem(files, dirs, error), { cause: error });
    }
  }

  /** The type that a type URL names, with or without a prefix up to its last slash. */
  find(typeUrl: string): PayloadType | undefined {
    return this.#types.get(typeUrl.slice(typeUrl.lastIndexOf('/') + 1));
  }

  /** The full names of all types. */
  names(): string[] {
    return [...this.#types.keys()];
  }

  /** The names of all fields that filters see. */
  fieldNames(): Set<string> {
    return new Set(this.#messages().flatMap(({ shape }) => [...shape.byName.keys()]));
  }

  /** The full names of all types in which filters see a field with this name. */
  withField(name: string): string[] {
    const types = this.#messages().filter(({ shape }) => shape.byName.has(name));
    return types.map((type) => type.name);
  }

  #messages(): PayloadType[] {
    return [...this.#types.values()].filter(
      ({ shape: { asValue } }) => asValue.kind === 'message' || asValue.kind === 'wrapper',
    );
  }
}

function loadDefinitions(files: readonly string[], dirs: readonly string[]): PackageDefinition {
  return loadSync([...CONTAINERD_FILES, ...OUR_FILES, ...WELL_KNOWN_FILES, ...files], {
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
    includeDirs: [...protoIncludeDirs(), ...dirs],
  });
}

function protoFilesIn(dir: string): string[] {
  try {
    const names = readdirSync(dir, { recursive: true, encoding: 'utf8' });
    return names
      .filter((name) => name.endsWith('.proto'))
      .sort()
      .map((name) => join(dir, name));
  } catch (error) {
    throw new FoghornError(
      'INVALID_ARGUMENT',
      `expected a readable directory with .proto files: ${textOf(error)}`,
      { cause: error },
    );
  }
}

/**
 * Names the first file that fails alone, because the loader's errors do not always name the file.
 */
function loadProblem(files: readonly string[], dirs: readonly string[], error: unknown): string {
  for (const file of files) {
    try {
      loadDefinitions([file], dirs);
    } catch (alone) {
      return `${file}: expected a valid .proto file that redefines no other type: ${textOf(alone)}`;
    }
  }
  return `${dirs.join(', ')}: expected .proto files that define each type once: ${textOf(error)}`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
