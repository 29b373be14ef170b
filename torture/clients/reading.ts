import { setTimeout as delay } from 'node:timers/promises';
import { FoghornError } from '../../client/index.js';
import type { Client, ReadMessage, ReadOptions, ReadStart } from '../../client/index.js';
import type { FreshStart, ReaderLine } from '../records/lines.js';
import { entryRecord } from '../records/payload.js';
import { readRecord } from '../records/record-reader.js';
import { RecordWriter } from '../records/record-writer.js';
import { filtersOf } from '../records/selection.js';
import type { ReadingSettings } from './reader-settings.js';

/** When one read ends. */
type Ending = Pick<ReadOptions, 'signal' | 'stopWhenCaughtUp'>;

/** Milliseconds between two attempts to reach a broker. */
const AGAIN_MS = 500;

/** A reader that resumes after the last message in its record, also in another process. */
export class Reading {
  readonly #record: RecordWriter<ReaderLine>;
  /** Cursor to resume after; undefined before the first one. */
  #bookmark: string | undefined;
  /** Number of reads that it has started. */
  #visits = 0;
  /** Start of a reader without a cursor. */
  #start: ReadingSettings['start'];

  constructor(
    private readonly clients: readonly Client[],
    private readonly settings: ReadingSettings,
  ) {
    this.#start = settings.start;
    for (const line of readRecord<ReaderLine>(settings.record)) this.#remember(line);
    this.#record = new RecordWriter(settings.record);
  }

  /**
   * Follows until the signal aborts, over all disconnects.
   *
   * @throws FoghornError that no fault explains
   */
  follow(signal: AbortSignal): Promise<void> {
    return this.#read({ signal });
  }

  /** Reads until it has caught up. */
  async catchUp(): Promise<void> {
    await this.#read({ stopWhenCaughtUp: true });
    this.#record.close();
  }

  async #read(how: Ending): Promise<void> {
    while (!how.signal?.aborted) {
      try {
        const cut = new AbortController();
        await this.#readOnce(how, cut);
        if (!cut.signal.aborted) return;
      } catch (error) {
        if (!(error instanceof FoghornError)) throw error;
        this.#write({ kind: 'failed', code: error.code, message: error.message });
        if (!error.retryable && error.code !== 'OUT_OF_RANGE') throw error;
        await delay(AGAIN_MS);
      }
    }
  }

  /** @param cut aborts when the reader shall move to another broker */
  async #readOnce(how: Ending, cut: AbortController): Promise<void> {
    const { selection, gapPolicy, limit, pauseMs } = this.settings;
    const begun = this.#bookmark === undefined ? this.#start : { after: this.#bookmark };
    const broker = this.#visits % this.clients.length;
    this.#write({ kind: 'begin', broker, selection, gapPolicy, start: begun });
    const options: ReadOptions = {
      ...how,
      signal: AbortSignal.any([cut.signal, ...(how.signal ? [how.signal] : [])]),
      start: readStart(begun),
      gapPolicy,
      filters: filtersOf(selection),
      ...(selection.container && { container: selection.container }),
      ...(limit !== null && { limit }),
      onStatus: (status) => {
        if (status.state !== 'disconnected') return;
        this.#write({ kind: 'disconnected', code: status.error.code });
        if (this.clients.length > 1) cut.abort();
      },
    };
    for await (const message of this.clients[broker]!.read(options)) {
      this.#write(lineOf(message));
      if (how.signal && pauseMs > 0) await delay(pauseMs);
    }
  }

  #write(line: ReaderLine): void {
    this.#record.write(line);
    this.#remember(line);
  }

  #remember(line: ReaderLine): void {
    if (line.kind === 'begin') this.#visits += 1;
    if (line.kind === 'failed' && line.code === 'OUT_OF_RANGE') {
      this.#bookmark = undefined;
      this.#start = 'earliest';
    }
    const cursor = cursorOf(line);
    if (cursor !== undefined && (!this.#replaysSince || line.kind === 'caught up')) {
      this.#bookmark = cursor;
    }
  }

  /** A replay leaves out entries older than `since`, and a cursor does not say so. */
  get #replaysSince(): boolean {
    return (
      this.#bookmark === undefined && typeof this.#start === 'object' && 'since' in this.#start
    );
  }
}

/** Returns the cursor that the reader has after a line; undefined when the line carries none. */
function cursorOf(line: ReaderLine): string | undefined {
  if ('cursor' in line) return line.cursor || undefined;
  return line.kind === 'entries' && !line.keptExits ? line.entries.at(-1)?.[0] : undefined;
}

function readStart(start: FreshStart | { readonly after: string }): ReadStart {
  return typeof start === 'object' && 'since' in start ? { since: BigInt(start.since) } : start;
}

function lineOf(message: ReadMessage): ReaderLine {
  switch (message.kind) {
    case 'entries':
      return {
        kind: 'entries',
        keptExits: message.keptExits,
        entries: message.entries.map(entryRecord),
      };
    case 'gap':
      return { ...message, lostAtMost: message.lostAtMost.toString() };
    default:
      return message;
  }
}
