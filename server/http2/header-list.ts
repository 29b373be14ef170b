import type { RequestHeaders } from './api.js';
import type { HeaderField } from './header-field.js';
import { FIELD_KIND } from './hpack/field-kind.js';
import type { Field } from './hpack/field.js';

const DECIMAL = /^\d{1,15}$/;
const REQUIRED = (1 << FIELD_KIND.METHOD) | (1 << FIELD_KIND.SCHEME) | (1 << FIELD_KIND.PATH);
const REQUIRED_OF_CONNECT = (1 << FIELD_KIND.METHOD) | (1 << FIELD_KIND.AUTHORITY);

/** A decoded header list, checked once (RFC 9113, sections 8.2 and 8.3). */
export class HeaderList implements RequestHeaders {
  static readonly EMPTY = new HeaderList([]);
  static {
    Object.freeze(HeaderList.EMPTY);
  }

  method = '';
  scheme = '';
  path = '';
  authority: string | undefined = undefined;
  /** -1 where the client does not say it, as gRPC's clients do not. */
  contentLength = -1;
  derived: unknown = undefined;
  /** Exceeds a limit; has no fields. */
  isTooLarge = false;

  /** A set of bits by the kind of each pseudo-header field. */
  #pseudoFields = 0;
  #pseudoFieldCount = 0;
  #isWellFormed = true;
  #regularFields: readonly HeaderField[] | undefined;

  constructor(private readonly all: readonly Field[]) {
    let position = 0;
    for (const field of all) {
      this.#isWellFormed &&= this.#takeField(field, position);
      position += 1;
    }
  }

  static tooLarge(): HeaderList {
    const list = new HeaderList([]);
    list.isTooLarge = true;
    return list;
  }

  /** The list may begin a request. */
  get isRequest(): boolean {
    if (!this.#isWellFormed) return false;
    if (this.method === 'CONNECT') {
      return (
        (this.#pseudoFields & ~(1 << FIELD_KIND.AUTHORITY)) === 1 << FIELD_KIND.METHOD &&
        (this.#pseudoFields & REQUIRED_OF_CONNECT) === REQUIRED_OF_CONNECT
      );
    }
    return (this.#pseudoFields & REQUIRED) === REQUIRED && this.path !== '';
  }

  /** The list may end a request. */
  get isTrailers(): boolean {
    return this.#isWellFormed && this.#pseudoFields === 0;
  }

  /** Number of all fields, as a measure of the memory that the list takes. */
  get count(): number {
    return this.all.length;
  }

  get fields(): readonly HeaderField[] {
    return (this.#regularFields ??= this.all.slice(this.#pseudoFieldCount));
  }

  get(name: string): string | undefined {
    for (const field of this.fields) if (field.name === name) return field.value;
    return undefined;
  }

  getAll(name: string): string[] {
    return this.fields.filter((field) => field.name === name).map(({ value }) => value);
  }

  /** Returns whether the field may be where it is. */
  #takeField({ kind, value }: Field, position: number): boolean {
    switch (kind) {
      case FIELD_KIND.REGULAR:
        return true;
      case FIELD_KIND.CONTENT_LENGTH:
        return this.#takeContentLength(value);
      case FIELD_KIND.METHOD:
        this.method = value;
        break;
      case FIELD_KIND.SCHEME:
        this.scheme = value;
        break;
      case FIELD_KIND.PATH:
        this.path = value;
        break;
      case FIELD_KIND.AUTHORITY:
        this.authority = value;
        break;
      default:
        return false;
    }
    // Pseudo-header fields come once each, and before all others.
    if (this.#pseudoFieldCount !== position || (this.#pseudoFields & (1 << kind)) !== 0) {
      return false;
    }
    this.#pseudoFields |= 1 << kind;
    this.#pseudoFieldCount += 1;
    return true;
  }

  #takeContentLength(value: string): boolean {
    const length = Number(value);
    if (!DECIMAL.test(value) || (this.contentLength >= 0 && this.contentLength !== length)) {
      return false;
    }
    this.contentLength = length;
    return true;
  }
}
