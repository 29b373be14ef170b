import type { OutgoingHttpHeaders } from 'node:http2';
import type { HeaderBlock, HeaderField, RequestHeaders } from '../http2/index.js';

/** The header fields of a request, as `node:http2` gives them: names and values in turn. */
export class NodeRequestHeaders implements RequestHeaders {
  readonly fields: readonly HeaderField[];
  derived: unknown;
  readonly #pseudo = new Map<string, string>();

  constructor(raw: readonly string[]) {
    const fields: HeaderField[] = [];
    for (let at = 0; at < raw.length; at += 2) {
      const [name = '', value = ''] = raw.slice(at, at + 2);
      if (name.startsWith(':')) this.#pseudo.set(name, value);
      else fields.push({ name, value });
    }
    this.fields = fields;
  }

  get method(): string {
    return this.#pseudo.get(':method') ?? '';
  }

  get path(): string {
    return this.#pseudo.get(':path') ?? '';
  }

  get scheme(): string {
    return this.#pseudo.get(':scheme') ?? '';
  }

  get authority(): string | undefined {
    return this.#pseudo.get(':authority');
  }

  get(name: string): string | undefined {
    return this.fields.find((field) => field.name === name)?.value;
  }

  getAll(name: string): string[] {
    return this.fields.filter((field) => field.name === name).map(({ value }) => value);
  }
}

/** The fields of a response, as `node:http2` takes them. */
export function outgoing({ fields }: HeaderBlock): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = {};
  for (const { name, value } of fields) {
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}
