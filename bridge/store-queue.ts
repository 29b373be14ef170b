import { setTimeout as delay } from 'node:timers/promises';
import type { Client, Envelope } from '../client/index.js';
import { onAbort } from '../client/own-programs.js';
import { FoghornError } from '../protocol/errors.js';

/** Envelopes that are flushed to the spool together. */
const MAX_BATCH_ENVELOPES = 1024;

/** Milliseconds between two attempts while the spool has no space. */
const SPACE_RETRY_MS = 500;

/** An envelope that waits to be stored. */
export interface QueuedEnvelope {
  readonly envelope: Envelope;
  /** Resolves with an envelope to store right before, if any. Must not reject. */
  readonly before?: Promise<Envelope | undefined> | undefined;
  /** Called before the envelope is stored: returns whether the broker has it already. */
  readonly isKnown?: () => boolean;
  /** Called when the envelope is flushed to the spool. */
  readonly onStored?: () => void;
}

type QueuedWork = QueuedEnvelope | { readonly run: (signal: AbortSignal) => Promise<void> | void };

export interface StoreQueueParts {
  /** A client of the broker with a spool. */
  readonly broker: Client;
  readonly say: (text: string) => void;
  readonly timings: {
    /** Number of queued envelopes. */
    readonly queueCapacity: number;
    /** How long a stopping recorder goes on with functions that need the broker, milliseconds. */
    readonly shutdownGrace: number;
  };
}

/**
 * Stores envelopes in the order in which they are added: flushes them to the recorder's spool, many
 * at a time, from which the broker gets them.
 */
export class StoreQueue {
  #work: QueuedWork[] = [];
  #wake = () => {};
  #saidThatSpoolIsFull = false;
  readonly #waitingForSpace = new Set<() => void>();

  constructor(private readonly parts: StoreQueueParts) {}

  /** Whether everything added before is stored. */
  get isEmpty(): boolean {
    return this.#work.length === 0;
  }

  add(queued: QueuedEnvelope): void {
    this.#enqueue(queued);
  }

  /**
   * Runs a function after everything added before is flushed and before anything added later is
   * stored. The function's signal aborts when the queue gives up.
   */
  runInOrder(run: (signal: AbortSignal) => Promise<void> | void): void {
    this.#enqueue({ run });
  }

  /** Resolves when the broker has everything added before, or the signal aborts. */
  async whenStored(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      this.runInOrder(() => {
        resolve();
      });
    });
    await this.whenDrained(signal);
  }

  /** Resolves when the broker has everything flushed before, or the signal aborts. */
  async whenDrained(signal: AbortSignal): Promise<void> {
    try {
      await this.parts.broker.drainSpool({ signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Whether the queue has space. */
  get hasSpace(): boolean {
    return this.#work.length < this.parts.timings.queueCapacity;
  }

  /**
   * Resolves with true as soon as the queue has space, and with false if it has none within `ms`.
   */
  async waitForSpace(ms: number): Promise<boolean> {
    if (this.hasSpace) return true;
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#waitingForSpace.delete(finish);
        resolve(this.hasSpace);
      };
      const timer = setTimeout(finish, ms);
      this.#waitingForSpace.add(finish);
    });
  }

  /**
   * Stores until the signal aborts, and then what is still queued. Functions that need the broker
   * have the shutdown grace for that; envelopes behind them are stored without them.
   *
   * @throws FoghornError FAILED_PRECONDITION when the spool's directory cannot be used.
   */
  async run(signal: AbortSignal): Promise<void> {
    const givingUp = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const stopListening = onAbort(signal, () => {
      timer = setTimeout(() => {
        givingUp.abort();
      }, this.parts.timings.shutdownGrace);
      this.#wake();
    });
    try {
      await this.#storeUntil(signal, givingUp.signal);
      await this.#storeRest(givingUp.signal);
    } finally {
      givingUp.abort();
      clearTimeout(timer);
      stopListening();
      this.#discardQueued(givingUp.signal);
    }
  }

  async #storeUntil(signal: AbortSignal, givingUp: AbortSignal): Promise<void> {
    while (!givingUp.aborted) {
      const [next] = this.#work;
      if (next === undefined) {
        if (signal.aborted) return;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      } else if ('run' in next) {
        this.#work.shift();
        await next.run(givingUp);
      } else {
        // Lets more events join the flush, which may take as long as reading thousands of them.
        await new Promise(setImmediate);
        const end = this.#work.findIndex((queued) => 'run' in queued);
        await this.#storeFirst(end < 0 ? this.#work.length : end, givingUp);
      }
    }
  }

  /** Stores the envelopes that are left, which may be duplicates: what is known is not known. */
  async #storeRest(givingUp: AbortSignal): Promise<void> {
    const functions = this.#work.filter((queued) => 'run' in queued);
    this.#work = this.#work.filter((queued) => 'envelope' in queued);
    while (this.#work.length > 0) {
      if (!(await this.#storeFirst(this.#work.length, givingUp))) break;
    }
    for (const queued of functions) if ('run' in queued) void queued.run(givingUp);
  }

  /**
   * Stores the first envelopes of the queue, at most these many. Returns false if the signal
   * aborted before they were flushed.
   */
  async #storeFirst(count: number, givingUp: AbortSignal): Promise<boolean> {
    const batch = this.#work.slice(0, Math.min(MAX_BATCH_ENVELOPES, count)) as QueuedEnvelope[];
    const envelopes: Envelope[] = [];
    for (const { envelope, before, isKnown } of batch) {
      const first = before && (await before);
      if (first !== undefined) envelopes.push(first);
      if (isKnown?.() !== true) envelopes.push(envelope);
    }
    if (envelopes.length > 0 && !(await this.#flush(envelopes, givingUp))) return false;
    this.#work.splice(0, batch.length);
    for (const { onStored } of batch) onStored?.();
    for (const finish of [...this.#waitingForSpace]) if (this.hasSpace) finish();
    return true;
  }

  /** Returns false if the signal aborted while the spool had no space. */
  async #flush(envelopes: readonly Envelope[], givingUp: AbortSignal): Promise<boolean> {
    for (;;) {
      try {
        await this.parts.broker.spool(envelopes);
        this.#saidThatSpoolIsFull = false;
        return true;
      } catch (error) {
        if (!(error instanceof FoghornError)) throw error;
        if (error.code === 'INVALID_ARGUMENT') return this.#flushEach(envelopes, error, givingUp);
        if (error.code !== 'RESOURCE_EXHAUSTED') throw error;
        if (givingUp.aborted) return false;
        if (!this.#saidThatSpoolIsFull) this.parts.say(`${error.message}; waiting for space`);
        this.#saidThatSpoolIsFull = true;
        await delay(SPACE_RETRY_MS, undefined, { signal: givingUp }).catch(() => {});
      }
    }
  }

  /** Reports and skips the envelopes that no broker would accept. */
  async #flushEach(
    envelopes: readonly Envelope[],
    { message }: FoghornError,
    givingUp: AbortSignal,
  ): Promise<boolean> {
    const [first] = envelopes;
    if (envelopes.length === 1) {
      this.parts.say(`skipped an event of ${first?.topic ?? ''}: ${message}`);
      return true;
    }
    for (const envelope of envelopes) {
      if (!(await this.#flush([envelope], givingUp))) return false;
    }
    return true;
  }

  #discardQueued(aborted: AbortSignal): void {
    const left = this.#work.splice(0);
    const events = left.filter((queued) => 'envelope' in queued);
    if (events.length > 0) this.parts.say(`stopped before ${countText(events)} could be stored`);
    for (const queued of left) if ('run' in queued) void queued.run(aborted);
  }

  #enqueue(queued: QueuedWork): void {
    this.#work.push(queued);
    this.#wake();
  }
}

function countText(events: readonly QueuedEnvelope[]): string {
  if (events.length > 1) return `${events.length} events`;
  return `an event of ${events[0]?.envelope.topic ?? ''}`;
}
