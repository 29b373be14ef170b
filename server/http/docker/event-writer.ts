import type { ServerResponse } from 'node:http';
import type { Framing } from '../../docker/content-type.js';
import type { LineForm, ShownEvent } from '../../docker/shown-event.js';

export interface WriterOptions {
  readonly form: LineForm;
  readonly framing: Framing;
  /** Whether each event tells its cursor. */
  readonly withCursors: boolean;
  /** Milliseconds without an event after which an empty line is written; undefined for never. */
  readonly heartbeat: number | undefined;
}

const RECORD_SEPARATOR = Buffer.of(0x1e);
const EMPTY_LINE = Buffer.from('\n');

/** Writes events to a client no faster than it takes them: each in a chunk of its own, as some clients expect. */
export class EventWriter {
  readonly #heart: NodeJS.Timeout | undefined;

  constructor(
    private readonly response: ServerResponse,
    private readonly options: WriterOptions,
  ) {
    const { heartbeat } = options;
    if (heartbeat === undefined) return;
    this.#heart = setInterval(() => {
      // Whoever does not take what there is needs no sign of life.
      if (!response.writableNeedDrain) response.write(EMPTY_LINE);
    }, heartbeat);
  }

  /** Resolves when there is room for more, or the client has gone. */
  async write(events: readonly ShownEvent[]): Promise<void> {
    let hasRoom = true;
    for (const event of events) hasRoom = this.response.write(this.#bytes(event));
    this.#heart?.refresh();
    if (!hasRoom && !this.response.closed) await roomIn(this.response);
  }

  close(): void {
    clearInterval(this.#heart);
  }

  #bytes(event: ShownEvent): Buffer {
    const { form, framing, withCursors } = this.options;
    const line = withCursors ? event.lineWithCursor(form) : event.line(form);
    return framing === 'newline' ? line : Buffer.concat([RECORD_SEPARATOR, line]);
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
