/** Fields that every event has. */
const COMMON = ['namespace', 'topic'];
/** Paths that a sample of an object of more members than these would flood the list with. */
const MAX_NAMES = 400;
/** Names that need no quotes in a filter's path. */
const PLAIN = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Collects the field paths of the events that come by, for completion. */
export class FieldNames {
  readonly #names = new Set(COMMON);

  get names(): readonly string[] {
    return [...this.#names].sort();
  }

  /** Adds the fields of an entry's event. */
  add(event: unknown): void {
    this.#addMembers('event', event);
  }

  /** The paths that continue the last, unfinished path of a filter, best first. */
  completions(text: string, caret: number): readonly string[] {
    const typed = wordBefore(text, caret);
    if (typed === undefined) return [];
    const names = this.names.filter((name) => name.includes(typed) && name !== typed);
    return names
      .sort((a, b) => Number(b.startsWith(typed)) - Number(a.startsWith(typed)))
      .slice(0, 8);
  }

  #addMembers(path: string, value: unknown): void {
    if (this.#names.size >= MAX_NAMES || typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      if (name === '@type') continue;
      const child = `${path}.${PLAIN.test(name) ? name : JSON.stringify(name)}`;
      if (typeof member === 'object' && member !== null) this.#addMembers(child, member);
      else this.#names.add(child);
    }
  }
}

/** The path before the caret, unless the caret is inside a value. */
function wordBefore(text: string, caret: number): string | undefined {
  const [, typed] = /(?:^|,)\s*([A-Za-z0-9_."-]*)$/.exec(text.slice(0, caret)) ?? [];
  return typed;
}

/** The text with the path before the caret replaced. */
export function complete(
  text: string,
  caret: number,
  name: string,
): { text: string; caret: number } {
  const typed = wordBefore(text, caret) ?? '';
  const before = text.slice(0, caret - typed.length) + name;
  return { text: before + text.slice(caret), caret: before.length };
}
