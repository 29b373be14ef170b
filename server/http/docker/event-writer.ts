import type { ServerResponse } from 'node:http';
import type { EventStreamFormat } from '../../docker/content-type.js';
import { chunkOf, type LineForm, type ShownEvent } from '../../docker/shown-event.js';

export interface WriterOptions {
  readonly form: LineForm;
  readonly format: EventStreamFormat;
  /** Whether each event tells its cursor. */
  readonly withCursors: boolean;
  /** Milliseconds without an event after which an empty line is written; undefined for never. */
  readonly heartbeat: number | undefined;
}

const RECORD_SEPARATOR = Buffer.of(0x1e);
const EMPTY_LINE = Buffer.from('\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/**
 * Writes events to a client no faster than it takes them: each in a chunk of its own, as some clients expect. It makes the chunks
 * itself, because Node makes four small writes of each.
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
      // Whoever does not take what there is needs no sign of life.
      if (!response.writableNeedDrain) response.write(this.#framed(EMPTY_LINE));
    }, heartbeat);
  }

  /** Resolves when there is room for more, or the client has gone. */
  async write(events: readonly ShownEvent[]): Promise<void> {
    const { response } = this;
    const hasRoom = response.write(Buffer.concat(events.map(this.#bytes)));
    this.#heart?.refresh();
    if (!hasRoom && !response.closed) await roomIn(response);
  }

  /** Nothing more comes: the answer is whole. */
  end(): void {
    this.response.end(this.#chunked ? LAST_CHUNK : undefined);
  }

  /** Writes nothing more by itself. */
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

/** After the client has gone `drain` never comes, but `close` does. */
function roomIn(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}
