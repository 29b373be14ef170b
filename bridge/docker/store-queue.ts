import type { Client, Envelope } from '../../client/index.js';
import { onAbort } from '../../client/own-programs.js';
import type { ConnectionReport } from '../contracts.js';
import { storeEnvelopes } from './store-envelopes.js';
import type { DockerRecorderTimings } from './timings.js';

/** Forwards that are in flight at the same time. */
const MAX_IN_FLIGHT = 256;

/** An envelope that waits to be stored. */
export interface QueuedEnvelope {
  readonly envelope: Envelope;
  /** Called before the envelope is sent: returns whether the broker has it already. */
  readonly isKnown?: () => boolean;
  /** Called when the broker has the envelope. */
  readonly onStored?: () => void;
}

type QueuedWork = QueuedEnvelope | { readonly run: (signal: AbortSignal) => Promise<void> | void };

export interface StoreQueueParts {
  readonly broker: Client;
  readonly brokerConnection: ConnectionReport;
  readonly say: (text: string) => void;
  readonly timings: Pick<DockerRecorderTimings, 'queueCapacity' | 'shutdownGrace'>;
}

/** Stores envelopes in the order in which they are added, many at a time; outlives the broker. */
export class StoreQueue {
  #work: QueuedWork[] = [];
  #wake = () => {};
  readonly #waitingForSpace = new Set<() => void>();

  constructor(private readonly parts: StoreQueueParts) {}

  add(queued: QueuedEnvelope): void {
    this.#enqueue(queued);
  }

  /**
   * Runs a function after everything added before is stored and before anything added later is
   * sent. The function's signal aborts when the queue gives up.
   */
  runInOrder(run: (signal: AbortSignal) => Promise<void> | void): void {
    this.#enqueue({ run });
  }

  /** Resolves when everything added before is stored, or given up because the recorder stops. */
  whenStored(): Promise<void> {
    return new Promise((resolve) => {
      this.runInOrder(() => {
        resolve();
      });
    });
  }

  /**
   * Resolves with true as soon as the queue has space, and with false if it has none within `ms`.
   */
  async waitForSpace(ms: number): Promise<boolean> {
    if (this.#hasSpace) return true;
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#waitingForSpace.delete(finish);
        resolve(this.#hasSpace);
      };
      const timer = setTimeout(finish, ms);
      this.#waitingForSpace.add(finish);
    });
  }

  /**
   * Stores until the signal aborts, and then what is still queued, for as long as the shutdown
   * grace lasts.
   *
   * @throws FoghornError UNIMPLEMENTED when the other side is no broker.
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
      } else await this.#storeBatch(givingUp);
    }
  }

  /** Stores the next envelopes, up to the next function that runs in order. */
  async #storeBatch(givingUp: AbortSignal): Promise<void> {
    const end = this.#work.findIndex((queued) => 'run' in queued);
    const length = Math.min(MAX_IN_FLIGHT, end < 0 ? Infinity : end);
    const batch = this.#work.slice(0, length) as QueuedEnvelope[];
    const unknown = batch.filter(({ isKnown }) => isKnown?.() !== true);
    const envelopes = unknown.map(({ envelope }) => envelope);
    const { broker, brokerConnection, say } = this.parts;
    const count = await storeEnvelopes(broker, envelopes, brokerConnection, givingUp, say);
    const firstLeft = unknown[count];
    const done = firstLeft === undefined ? batch : batch.slice(0, batch.indexOf(firstLeft));
    this.#work.splice(0, done.length);
    for (const { onStored } of done) onStored?.();
    for (const finish of [...this.#waitingForSpace]) if (this.#hasSpace) finish();
  }

  #discardQueued(aborted: AbortSignal): void {
    const left = this.#work.splice(0);
    const events = left.filter((queued) => 'envelope' in queued);
    if (events.length > 0) this.parts.say(`stopped before ${countText(events)} could be stored`);
    for (const queued of left) if ('run' in queued) void queued.run(aborted);
  }

  get #hasSpace(): boolean {
    return this.#work.length < this.parts.timings.queueCapacity;
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
