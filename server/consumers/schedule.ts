import { Deadlines } from './deadlines.js';

/** The reason why an event is not settled yet. */
export type EventState =
  /** An earlier event with its key. */
  | 'waiting'
  /** A member that has capacity. */
  | 'ready'
  /** An answer of the store. */
  | 'storing'
  /** Its member, until the deadline. */
  | 'leased'
  /** Its deadline: another broker has it, or it failed lately. */
  | 'blocked'
  | 'settled';

/** An event that a consumer wants, from when it is read until it is settled. */
export class PendingEvent<Content> {
  state: EventState = 'waiting';
  /** The number of its current or last delivery. */
  attempt = 0;
  member = '';
  deadline = 0;
  /** The next event with the same key. */
  next: PendingEvent<Content> | undefined;

  /**
   * @param id see ConsumerStore
   * @param fingerprint see EntryPosition; 0 for a parked event
   * @param content undefined once it was let go to save memory
   */
  constructor(
    readonly id: number,
    readonly key: string,
    readonly fingerprint: number,
    public content: Content | undefined,
  ) {}
}

/** The part of an event that a member gets. */
export interface SizedContent {
  readonly wireBytes: number;
}

export interface SettledPosition {
  readonly offset: number;
  readonly fingerprint: number;
}

/**
 * The pending events of one consumer, as one broker sees them: which are ready, in which order, and
 * up to where all are settled. Events with the same key are ready one after another. Does no I/O.
 */
export class Schedule<Content extends SizedContent> {
  readonly #byId = new Map<number, PendingEvent<Content>>();
  /** The newest event of each key. */
  readonly #newestOfKey = new Map<string, PendingEvent<Content>>();
  readonly #deadlines = new Deadlines<PendingEvent<Content>>();
  /** Events of the history in order, those before #windowStart being settled. */
  #window: PendingEvent<Content>[] = [];
  #windowStart = 0;
  #ready: PendingEvent<Content>[] = [];
  #readyStart = 0;
  #settledUpTo: SettledPosition | undefined;
  #contentBytes = 0;

  get size(): number {
    return this.#byId.size;
  }

  /** Bytes of the contents in memory. */
  get contentBytes(): number {
    return this.#contentBytes;
  }

  /** The oldest event of the history that is not settled. */
  get oldest(): PendingEvent<Content> | undefined {
    return this.#window[this.#windowStart];
  }

  /** The last event before which all were settled since the start; undefined if there is none. */
  get settledUpTo(): SettledPosition | undefined {
    return this.#settledUpTo;
  }

  /** When `due` has something to return. */
  get nextDeadline(): number {
    return this.#deadlines.earliest;
  }

  get hasReady(): boolean {
    return this.#readyStart < this.#ready.length;
  }

  find(id: number): PendingEvent<Content> | undefined {
    return this.#byId.get(id);
  }

  /** All unsettled events, in no particular order. */
  events(): Iterable<PendingEvent<Content>> {
    return this.#byId.values();
  }

  /** Adds an event; those of the history in the order of their offsets. */
  add(event: PendingEvent<Content>): void {
    this.#byId.set(event.id, event);
    this.#contentBytes += event.content?.wireBytes ?? 0;
    if (event.id > 0) this.#window.push(event);
    const before = this.#newestOfKey.get(event.key);
    this.#newestOfKey.set(event.key, event);
    if (before === undefined) this.makeReady(event);
    else before.next = event;
  }

  makeReady(event: PendingEvent<Content>): void {
    event.state = 'ready';
    this.#ready.push(event);
  }

  /** Takes an event that is ready, for a claim. */
  takeReady(): PendingEvent<Content> | undefined {
    while (this.#readyStart < this.#ready.length) {
      const event = this.#ready[this.#readyStart++];
      if (event?.state !== 'ready') continue;
      event.state = 'storing';
      return event;
    }
    this.#ready = [];
    this.#readyStart = 0;
    return undefined;
  }

  lease(event: PendingEvent<Content>, member: string, attempt: number, deadline: number): void {
    event.state = 'leased';
    event.member = member;
    event.attempt = attempt;
    this.#setDeadline(event, deadline);
  }

  block(event: PendingEvent<Content>, deadline: number): void {
    event.state = 'blocked';
    this.#setDeadline(event, deadline);
  }

  extend(event: PendingEvent<Content>, deadline: number): void {
    this.#setDeadline(event, deadline);
  }

  #setDeadline(event: PendingEvent<Content>, deadline: number): void {
    event.deadline = deadline;
    this.#deadlines.add(deadline, event);
  }

  /** Makes events ready whose delay is over, and returns those whose lease has run out. */
  due(now: number): PendingEvent<Content>[] {
    const runOut: PendingEvent<Content>[] = [];
    for (let event = this.#deadlines.take(now); event; event = this.#deadlines.take(now)) {
      // Its deadline may have been moved since.
      if (event.deadline > now) continue;
      if (event.state === 'blocked') this.makeReady(event);
      else if (event.state === 'leased') {
        event.state = 'storing';
        runOut.push(event);
      }
    }
    return runOut;
  }

  /** Lets go of a content, which can be read again. */
  dropContent(event: PendingEvent<Content>): void {
    this.#contentBytes -= event.content?.wireBytes ?? 0;
    event.content = undefined;
  }

  /** Puts a content back that was read again. */
  restoreContent(event: PendingEvent<Content>, content: Content): void {
    this.dropContent(event);
    event.content = content;
    this.#contentBytes += content.wireBytes;
  }

  /** Settles an event that is not waiting. */
  settle(event: PendingEvent<Content>): void {
    if (event.state === 'settled') return;
    event.state = 'settled';
    this.dropContent(event);
    this.#byId.delete(event.id);
    if (event.next !== undefined) this.makeReady(event.next);
    else this.#newestOfKey.delete(event.key);
    this.#dropSettled();
  }

  #dropSettled(): void {
    const window = this.#window;
    let event = window[this.#windowStart];
    while (event?.state === 'settled') {
      this.#settledUpTo = { offset: event.id, fingerprint: event.fingerprint };
      event = window[++this.#windowStart];
    }
    if (this.#windowStart > 1024 && 2 * this.#windowStart > window.length) {
      this.#window = window.slice(this.#windowStart);
      this.#windowStart = 0;
    }
  }
}
