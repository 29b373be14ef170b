import { RowBuffer, type Row } from './row-buffer.js';

const MAX_ROWS = 50_000;
const MAX_CHARACTERS = 24_000_000;
/** Rows that wait while the feed is paused; later ones are read from the history again. */
const MAX_WAITING = 20_000;

export type FeedState = 'connecting' | 'live' | 'lost' | 'refused';

/** The beginning of a feed, and its filters. */
export interface FeedQuery {
  readonly filters: readonly string[];
  /** A time in the past; without one the feed begins with the newest entries. */
  readonly since?: string | undefined;
}

/** Entries of the past that a feed without a time shows before the live ones. */
const RECENT = 200;

/**
 * Follows the history through server-sent events, which the browser resumes by their cursor after
 * each lost connection. What has arrived is handed on once for each frame.
 */
export class EventFeed {
  readonly rows = new RowBuffer(MAX_ROWS, MAX_CHARACTERS);
  state: FeedState = 'connecting';
  isPaused = false;
  /** Rows that have arrived in all. */
  received = 0;
  readonly #source: EventSource;
  readonly #onChange: () => void;
  #waiting: Row[] = [];
  #frame: number | undefined;

  constructor(query: FeedQuery, onChange: () => void) {
    this.#onChange = onChange;
    this.#source = new EventSource(feedUrl(query));
    this.#source.onopen = () => {
      this.#enter('live');
    };
    this.#source.onerror = () => {
      this.#enter(this.#source.readyState === EventSource.CLOSED ? 'refused' : 'lost');
    };
    this.#source.onmessage = ({ data }: MessageEvent<string>) => {
      this.#receive({ kind: 'entry', text: data });
    };
    this.#source.addEventListener('gap', ({ data }: MessageEvent<string>) => {
      this.#receive({ kind: 'gap', text: data });
    });
  }

  /** Rows that have arrived since the pause. */
  get waiting(): number {
    return this.#waiting.length;
  }

  pause(): void {
    this.isPaused = true;
    this.#onChange();
  }

  resume(): void {
    this.isPaused = false;
    this.#schedule();
  }

  close(): void {
    this.#source.close();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
  }

  #enter(state: FeedState): void {
    this.state = state;
    this.#schedule();
  }

  #receive(row: Row): void {
    this.received++;
    this.#waiting.push(row);
    if (this.isPaused && this.#waiting.length > MAX_WAITING) this.#waiting.splice(0, 1000);
    this.#schedule();
  }

  #schedule(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      if (!this.isPaused && this.#waiting.length > 0) {
        this.rows.push(this.#waiting);
        this.#waiting = [];
      }
      this.#onChange();
    });
  }
}

export function feedUrl({ filters, since }: FeedQuery): string {
  const query = new URLSearchParams(filters.map((filter) => ['filter', filter]));
  if (since === undefined) query.set('last', `${RECENT}`);
  else query.set('since', since);
  return `/v1/events?${query.toString()}`;
}
