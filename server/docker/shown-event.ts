import { dockerEventJson, type DockerEventFields } from '../../protocol/docker-event.js';
import type { EventView } from '../events/event-view.js';

/** How an event is written: with the members that API 1.52 has left out, or without them. */
export type LineForm = 'deprecated' | 'modern';

/** What of it is not the same for all events. */
export interface ShownOptions {
  /** The text that an engine sent, where the fields would not give the same one again; otherwise empty. */
  readonly exact: string;
  /** It was stored after whoever recorded it had been away. */
  readonly replayed: boolean;
}

const TRANSLATED: ShownOptions = { exact: '', replayed: false };

/**
 * A Docker event with its place in history. All streams share one, and what is written for one of them is kept for the
 * others.
 */
export class ShownEvent {
  #deprecated: Buffer | undefined;
  #modern: Buffer | undefined;

  constructor(
    readonly fields: DockerEventFields,
    private readonly view: EventView,
    private readonly options: ShownOptions = TRANSLATED,
  ) {}

  get offset(): number {
    return this.view.offset;
  }

  /** A place to resume after. */
  get cursor(): string {
    return this.view.cursor;
  }

  /** Size of the entry that it was derived from, as readers get that. */
  get wireBytes(): number {
    return this.view.wireBytes;
  }

  /** Whether it was told by an engine, or in its place, and is no translation of containerd's. */
  get isOfEngine(): boolean {
    return this.options !== TRANSLATED;
  }

  get replayed(): boolean {
    return this.options.replayed;
  }

  /** One line of JSON with its newline, as a chunk of HTTP/1.1: almost all clients take it so. */
  chunk(form: LineForm): Buffer {
    if (form === 'deprecated') return (this.#deprecated ??= chunkOf(this.line(form)));
    return (this.#modern ??= chunkOf(this.line(form)));
  }

  line(form: LineForm): Buffer {
    return Buffer.from(`${this.json(form)}\n`);
  }

  /** The same with a member `cursor`, for those who resume by it. */
  lineWithCursor(form: LineForm): Buffer {
    return Buffer.from(`${this.json(form).slice(0, -1)},"cursor":"${this.cursor}"}\n`);
  }

  /** One JSON object. */
  json(form: LineForm): string {
    const { exact } = this.options;
    return exact === '' ? dockerEventJson(this.fields, form === 'deprecated') : exact;
  }
}

/** With its length before it. */
export function chunkOf(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, CHUNK_END]);
}
const CHUNK_END = Buffer.from('\r\n');
