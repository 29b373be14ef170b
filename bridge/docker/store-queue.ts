import type { Client, Envelope } from '../../client/index.js';
import { onAbort } from '../../client/own-programs.js';
import type { ConnectionReport } from '../contracts.js';
import { storeEnvelopes } from './store-envelopes.js';

/** Most forwards that are under way at a time. */
const MAX_IN_FLIGHT = 256;

/**
 * Most that is in hand. An engine holds up everybody for a reader that does not take its events, and then drops them, so the
 * bridge takes them for as long as it can.
 */
const CAPACITY = 8192;

/** Milliseconds to go on storing what is in hand once the bridge shall stop. */
const SHUTDOWN_GRACE_MS = 2000;

/** An envelope that is to be stored. */
export interface QueuedEnvelope {
  readonly envelope: Envelope;
  /** Asked when its turn has come: whether the broker has it already. */
  readonly isKnown?: () => boolean;
  /** Told when it is stored, or was. */
  readonly onStored?: () => void;
}

type QueuedWork = QueuedEnvelope | { readonly run: (signal: AbortSignal) => Promise<void> | void };

export interface StoreQueueParts {
  /** The broker. */
  readonly broker: Client;
  /** About the connection to it. */
  readonly brokerConnection: ConnectionReport;
  readonly say: (text: string) => void;
}

/** Stores envelopes in the order in which it is given them, many at a time, whatever happens to the broker. */
export class StoreQueue {
  #work: QueuedWork[] = [];
  #wake = () => {};
  readonly #waitingForSpace = new Set<() => void>();

  constructor(private readonly parts: StoreQueueParts) {}

  add(taken: QueuedEnvelope): void {
    this.#enqueue(taken);
  }

  /** Does something once everything taken before is stored, and before anything else is. Its signal says when to give up. */
  runInOrder(run: (signal: AbortSignal) => Promise<void> | void): void {
    this.#enqueue({ run });
  }

  /** Resolves when everything taken before is stored, or given up because the bridge stops. */
  whenStored(): Promise<void> {
    return new Promise((resolve) => {
      this.runInOrder(() => {
        resolve();
      });
    });
  }

  /** Resolves with true when it can be given more, and with false when it cannot for so many milliseconds. */
  async waitForSpace(ms: number): Promise<boolean> {
    if (this.#hasSpace) return true;
    return new Promise((resolve) => {
      const found = () => {
        clearTimeout(timer);
        this.#waitingForSpace.delete(found);
        resolve(this.#hasSpace);
      };
      const timer = setTimeout(found, ms);
      this.#waitingForSpace.add(found);
    });
  }

  /**
   * Stores until the signal aborts, and then what is in hand.
   *
   * @throws FoghornError UNIMPLEMENTED when the other side is no broker.
   */
  async run(signal: AbortSignal): Promise<void> {
    const givingUp = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const stopListening = onAbort(signal, () => {
      timer = setTimeout(() => {
        givingUp.abort();
      }, SHUTDOWN_GRACE_MS);
      this.#wake();
    });
    try {
      await this.#storeUntil(signal, givingUp.signal);
    } finally {
      givingUp.abort();
      clearTimeout(timer);
      stopListening();
      this.#giveUp(givingUp.signal);
    }
  }

  async #storeUntil(signal: AbortSignal, givingUp: AbortSignal): Promise<void> {
    while (!givingUp.aborted) {
      const [step] = this.#work;
      if (step === undefined) {
        if (signal.aborted) return;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      } else if ('run' in step) {
        this.#work.shift();
        await step.run(givingUp);
      } else await this.#storeSome(givingUp);
    }
  }

  /** The next envelopes, up to whatever is to be done between. */
  async #storeSome(givingUp: AbortSignal): Promise<void> {
    const end = this.#work.findIndex((step) => 'run' in step);
    const some = this.#work.slice(
      0,
      Math.min(MAX_IN_FLIGHT, end < 0 ? Infinity : end),
    ) as QueuedEnvelope[];
    const wanted = some.filter(({ isKnown }) => isKnown?.() !== true);
    const envelopes = wanted.map(({ envelope }) => envelope);
    const { broker, brokerConnection, say } = this.parts;
    const count = await storeEnvelopes(broker, envelopes, brokerConnection, givingUp, say);
    const firstLeft = wanted[count];
    const done = firstLeft === undefined ? some : some.slice(0, some.indexOf(firstLeft));
    this.#work.splice(0, done.length);
    for (const { onStored } of done) onStored?.();
    for (const found of [...this.#waitingForSpace]) if (this.#hasSpace) found();
  }

  #giveUp(aborted: AbortSignal): void {
    const left = this.#work.splice(0);
    const events = left.filter((step) => 'envelope' in step);
    if (events.length > 0) this.parts.say(`stopped before ${countOf(events)} could be stored`);
    for (const step of left) if ('run' in step) void step.run(aborted);
  }

  get #hasSpace(): boolean {
    return this.#work.length < CAPACITY;
  }

  #enqueue(step: QueuedWork): void {
    this.#work.push(step);
    this.#wake();
  }
}

function countOf(events: readonly QueuedEnvelope[]): string {
  if (events.length > 1) return `${events.length} events`;
  return `an event of ${events[0]?.envelope.topic ?? ''}`;
}
