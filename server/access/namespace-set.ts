/** The namespaces that a pattern of rights covers: single names, and all names with a prefix. */
export class NamespaceSet {
  /** Every namespace. */
  static readonly ALL = new NamespaceSet([], ['']);
  static readonly NONE = new NamespaceSet([], []);

  readonly names: ReadonlySet<string>;
  /** Without prefixes that begin with another one. An empty one covers every namespace. */
  readonly prefixes: readonly string[];

  private constructor(names: Iterable<string>, prefixes: readonly string[]) {
    this.prefixes = prefixes.filter(
      (prefix, index) =>
        !prefixes.some((other, at) => (other === prefix ? at < index : prefix.startsWith(other))),
    );
    this.names = new Set([...names].filter((name) => !this.#hasPrefixOf(name)));
  }

  /** The union of patterns: `name`, `prefix*`, or `*`. */
  static of(patterns: Iterable<string>): NamespaceSet {
    const names: string[] = [];
    const prefixes: string[] = [];
    for (const pattern of patterns) {
      if (pattern.endsWith('*')) prefixes.push(pattern.slice(0, -1));
      else names.push(pattern);
    }
    return new NamespaceSet(names, prefixes);
  }

  get isEverything(): boolean {
    return this.prefixes[0] === '';
  }

  has(namespace: string): boolean {
    return this.names.has(namespace) || this.#hasPrefixOf(namespace);
  }

  equals({ names, prefixes }: NamespaceSet): boolean {
    const own = new Set(this.prefixes);
    return (
      names.size === this.names.size &&
      prefixes.length === own.size &&
      prefixes.every((prefix) => own.has(prefix)) &&
      [...names].every((name) => this.names.has(name))
    );
  }

  #hasPrefixOf(namespace: string): boolean {
    for (const prefix of this.prefixes) if (namespace.startsWith(prefix)) return true;
    return false;
  }
}
