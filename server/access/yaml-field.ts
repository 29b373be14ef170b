import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Node,
  type ParsedNode,
  type YAMLMap,
} from 'yaml';
import { FoghornError } from '../../protocol/errors.js';
import { quotedExcerpt } from '../../protocol/excerpt.js';

/** Longest file, in characters: the parser takes seconds, and hundreds of bytes for each. */
export const MAX_YAML_LENGTH = 1024 * 1024;

/** A value of a YAML file with its position, for errors. */
export class YamlField {
  private constructor(
    /** Keys from the top of the file, for example `roles.reader.read`. */
    private readonly path: string,
    private readonly node: Node | null,
    /** Start of the value, or of its key if it has none. */
    private readonly start: number,
    private readonly file: { readonly name: string; readonly lines: LineCounter },
    private readonly keyStart = start,
  ) {}

  /** Parses a file. Throws INVALID_ARGUMENT with line and column. */
  static parse(name: string, text: string): YamlField {
    const lines = new LineCounter();
    if (text.length > MAX_YAML_LENGTH) {
      lines.addNewLine(0);
      const problem = `the file is too long: expected at most ${MAX_YAML_LENGTH} characters`;
      throw errorIn({ name, lines }, 0, problem);
    }
    // The parser's own check of unique keys is quadratic; `entries` has one.
    const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: false };
    const document = parseDocument(text, options);
    const [error] = document.errors;
    const file = { name, lines };
    if (error !== undefined) throw errorIn(file, error.pos[0], error.message);
    return new YamlField('', document.contents, 0, file);
  }

  /** The fields of a mapping by their keys. Throws if one of them is not among the known ones. */
  fields<Key extends string>(...known: readonly Key[]): Partial<Record<Key, YamlField>> {
    const fields: Partial<Record<string, YamlField>> = {};
    for (const [key, field] of this.entries()) {
      if (!known.includes(key as Key)) {
        const problem = `unknown key ${quotedExcerpt(key)}: expected ${known.join(', ')}`;
        throw errorIn(this.file, field.keyStart, problem);
      }
      fields[key] = field;
    }
    return fields;
  }

  /** All keys of a mapping and their values. */
  entries(): (readonly [string, YamlField])[] {
    const names = new Set<string>();
    return this.#map().items.map(({ key, value }) => {
      const start = (key as ParsedNode | null)?.range[0] ?? this.start;
      const name = isScalar(key) ? String(key.value) : '';
      if (names.has(name)) throw errorIn(this.file, start, 'Map keys must be unique');
      names.add(name);
      const path = this.path === '' ? name : `${this.path}.${name}`;
      const node = value as ParsedNode | null;
      return [name, new YamlField(path, node, node?.range[0] ?? start, this.file, start)] as const;
    });
  }

  /** The values of a list. */
  list(): YamlField[] {
    const { node } = this;
    if (!isSeq(node)) throw this.error('expected a list');
    return node.items.map((item, index) => {
      const value = item as ParsedNode | null;
      const start = value?.range[0] ?? this.start;
      return new YamlField(`${this.path}[${index}]`, value, start, this.file);
    });
  }

  /** A text that is not empty. */
  text(): string {
    const { node } = this;
    if (isScalar(node) && typeof node.value === 'string' && node.value !== '') return node.value;
    throw this.error('expected text');
  }

  /** A whole number of 1 or more. */
  wholeNumber(): number {
    const { node } = this;
    if (isScalar(node) && Number.isSafeInteger(node.value) && Number(node.value) >= 1) {
      return Number(node.value);
    }
    throw this.error('expected a whole number of 1 or more');
  }

  /** A list of texts that are not empty. */
  texts(): string[] {
    return this.list().map((item) => item.text());
  }

  /** The error for this value. */
  error(problem: string): FoghornError {
    const where = this.path === '' ? '' : `${this.path}: `;
    return errorIn(this.file, this.start, `${where}${problem}`);
  }

  /** A required field of this mapping. */
  required(field: YamlField | undefined, key: string): YamlField {
    if (field === undefined) throw this.error(`expected ${key}`);
    return field;
  }

  #map(): YAMLMap {
    if (isMap(this.node)) return this.node;
    throw this.error('expected keys and values');
  }
}

function errorIn(
  { name, lines }: { readonly name: string; readonly lines: LineCounter },
  offset: number,
  problem: string,
): FoghornError {
  const { line, col } = lines.linePos(offset);
  return new FoghornError('INVALID_ARGUMENT', `${name}:${line}:${col}: ${problem}`);
}
