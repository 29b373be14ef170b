import { dockerEventJson, type DockerEventFields } from '../../protocol/docker-event.js';
import type { EventView } from '../events/event-view.js';
import { DerivedView } from './derived-view.js';
import { libpodFields } from './libpod-fields.js';
import { shownActorId } from './shown-id.js';

/**
 * The form of an event: with or without the members that API 1.52 has dropped, or as Podman shows
 * it to its own clients.
 */
export type LineForm = 'deprecated' | 'modern' | 'libpod';

/** Properties that most events do not have. */
export interface ShownOptions {
  /** The engine's own text, if the fields would not reproduce it; otherwise empty. */
  readonly exact: string;
  /** Whether it was stored late, because the recorder had been away. */
  readonly replayed: boolean;
  /** Whether a recorder has found it out, because the engine has missed it. */
  readonly filledIn?: boolean;
  /** Why the end of the run cannot be known, in a die that stands for such an end. */
  readonly lost?: string;
  /** Whether it is about an earlier run than the newest one, and does not change the state. */
  readonly isOfEarlierRun?: boolean;
}

const TRANSLATED: ShownOptions = { exact: '', replayed: false };

/** A Docker event with its position. All streams share one object, so each form is encoded once. */
export class ShownEvent extends DerivedView {
  #deprecated: Buffer | undefined;
  #modern: Buffer | undefined;

  constructor(
    readonly fields: DockerEventFields,
    view: EventView,
    readonly options: ShownOptions = TRANSLATED,
  ) {
    super(view);
  }

  /** Whether it is an engine's event, or replaces one, and not a translation of containerd's. */
  get isOfEngine(): boolean {
    return this.options !== TRANSLATED;
  }

  get replayed(): boolean {
    return this.options.replayed;
  }

  /** One line of JSON as an HTTP/1.1 chunk, which is how almost all clients receive it. */
  chunk(form: LineForm): Buffer {
    if (form === 'deprecated') return (this.#deprecated ??= chunkOf(this.line(form)));
    if (form === 'modern') return (this.#modern ??= chunkOf(this.line(form)));
    return chunkOf(this.line(form));
  }

  line(form: LineForm): Buffer {
    return Buffer.from(`${this.json(form)}\n`);
  }

  /** The line with a `cursor` member, for clients that resume by it. */
  lineWithCursor(form: LineForm): Buffer {
    return Buffer.from(`${this.json(form).slice(0, -1)},"cursor":"${this.cursor}"}\n`);
  }

  /** One JSON object, whose container has the id that it has at containerd. */
  jsonWithOwnId(): string {
    const { exact } = this.options;
    return exact === '' ? dockerEventJson(this.fields, true) : exact;
  }

  /** One JSON object, as Docker clients get it. */
  json(form: LineForm): string {
    const { exact } = this.options;
    if (form === 'libpod') return dockerEventJson(libpodFields(this.#shownFields), true);
    return exact === '' ? dockerEventJson(this.#shownFields, form === 'deprecated') : exact;
  }

  get #shownFields(): DockerEventFields {
    const { fields } = this;
    const actorId = shownActorId(fields);
    return actorId === fields.actorId ? fields : { ...fields, actorId };
  }
}

/** Frames bytes as an HTTP/1.1 chunk. */
export function chunkOf(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, CHUNK_END]);
}
const CHUNK_END = Buffer.from('\r\n');
