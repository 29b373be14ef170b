import type { ServerResponse } from 'node:http';
import type { EventStreamFormat } from '../../docker/content-type.js';
import { chunkOf, type LineForm, type ShownEvent } from '../../docker/shown-event.js';
import { writable } from '../writable.js';

export interface WriterOptions {
  readonly form: LineForm;
  readonly format: EventStreamFormat;
  /** Whether each event has its cursor. */
  readonly withCursors: boolean;
  /** Milliseconds without an event after which an empty line is written; undefined for never. */
  readonly heartbeat: number | undefined;
}

const RECORD_SEPARATOR = Buffer.of(0x1e);
const EMPTY_LINE = Buffer.from('\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/**
 * Writes events to a client at the client's pace, each in an HTTP chunk of its own, as some
 * clients expect. Makes the chunks itself, because Node would make four small writes for each.
 */
export class EventWriter {
  readonly #heart: NodeJS.Timeout | undefined;
  readonly #chunked: boolean;

  /** Sends the headers at once. */
  constructor(
    private readonly response: ServerResponse,
    private readonly options: WriterOptions,
  ) {
    const { format, heartbeat } = options;
    // HTTP/1.0 has no chunks.
    this.#chunked = response.useChunkedEncodingByDefault;
    const encoding = this.#chunked ? { 'Transfer-Encoding': 'chunked' } : {};
    response.writeHead(200, { 'Content-Type': format.contentType, ...encoding });
    response.flushHeaders();
    response.chunkedEncoding = false;
    if (heartbeat === undefined) return;
    this.#heart = setInterval(() => {
      // A client with unread data needs no sign of life.
      if (!response.writableNeedDrain) response.write(this.#framed(EMPTY_LINE));
    }, heartbeat);
  }

  /** Resolves when there is room for more, or the client has disconnected. */
  async write(events: readonly ShownEvent[]): Promise<void> {
    const { response } = this;
    const hasRoom = response.write(Buffer.concat(events.map(this.#bytes)));
    this.#heart?.refresh();
    if (!hasRoom) await writable(response);
  }

  /** Ends a complete answer. */
  end(): void {
    this.response.end(this.#chunked ? LAST_CHUNK : undefined);
  }

  /** Stops the heartbeat. */
  close(): void {
    clearInterval(this.#heart);
  }

  readonly #bytes = (event: ShownEvent): Buffer => {
    const { form, format, withCursors } = this.options;
    if (this.#chunked && !withCursors && format.framing === 'newline') return event.chunk(form);
    const line = withCursors ? event.lineWithCursor(form) : event.line(form);
    return this.#framed(
      format.framing === 'newline' ? line : Buffer.concat([RECORD_SEPARATOR, line]),
    );
  };

  #framed(bytes: Buffer): Buffer {
    return this.#chunked ? chunkOf(bytes) : bytes;
  }
}
