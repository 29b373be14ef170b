import type { Client, Envelope } from '../../client/index.js';
import { onAbort } from '../../client/own-programs.js';
import type { ConnectionNotes } from '../../cli/connection-notes.js';
import { storeInOrder } from './store-in-order.js';

/** Most forwards that are under way at a time. */
const UNDER_WAY = 256;

/**
 * Most that is in hand. An engine holds up everybody for a reader that does not take its events, and then drops them, so the
 * bridge takes them for as long as it can.
 */
const IN_HAND = 8192;

/** Milliseconds to go on storing what is in hand once the bridge shall stop. */
const GRACE = 2000;

/** An envelope that is to be stored. */
export interface Taken {
  readonly envelope: Envelope;
  /** Asked when its turn has come: whether the broker has it already. */
  readonly isKnown?: () => boolean;
  /** Told when it is stored, or was. */
  readonly onStored?: () => void;
}

type Step = Taken | { readonly run: (signal: AbortSignal) => Promise<void> | void };

export interface RecorderParts {
  /** The broker. */
  readonly sink: Client;
  /** About the connection to it. */
  readonly sinkNotes: ConnectionNotes;
  readonly say: (text: string) => void;
}

/** Stores envelopes in the order in which it is given them, many at a time, whatever happens to the broker. */
export class Recorder {
  #steps: Step[] = [];
  #wake = () => {};
  readonly #waitingForRoom = new Set<() => void>();

  constructor(private readonly parts: RecorderParts) {}

  take(taken: Taken): void {
    this.#add(taken);
  }

  /** Does something once everything taken before is stored, and before anything else is. Its signal says when to give up. */
  afterwards(run: (signal: AbortSignal) => Promise<void> | void): void {
    this.#add({ run });
  }

  /** Resolves when everything taken before is stored, or given up because the bridge stops. */
  whenStored(): Promise<void> {
    return new Promise((resolve) => {
      this.afterwards(() => {
        resolve();
      });
    });
  }

  /** Resolves with true when it can be given more, and with false when it cannot for so many milliseconds. */
  async room(ms: number): Promise<boolean> {
    if (this.#hasRoom) return true;
    return new Promise((resolve) => {
      const found = () => {
        clearTimeout(timer);
        this.#waitingForRoom.delete(found);
        resolve(this.#hasRoom);
      };
      const timer = setTimeout(found, ms);
      this.#waitingForRoom.add(found);
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
      }, GRACE);
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
      const [step] = this.#steps;
      if (step === undefined) {
        if (signal.aborted) return;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      } else if ('run' in step) {
        this.#steps.shift();
        await step.run(givingUp);
      } else await this.#storeSome(givingUp);
    }
  }

  /** The next envelopes, up to whatever is to be done between. */
  async #storeSome(givingUp: AbortSignal): Promise<void> {
    const end = this.#steps.findIndex((step) => 'run' in step);
    const some = this.#steps.slice(0, Math.min(UNDER_WAY, end < 0 ? Infinity : end)) as Taken[];
    const wanted = some.filter(({ isKnown }) => isKnown?.() !== true);
    const envelopes = wanted.map(({ envelope }) => envelope);
    const { sink, sinkNotes, say } = this.parts;
    const count = await storeInOrder(sink, envelopes, sinkNotes, givingUp, say);
    const firstLeft = wanted[count];
    const done = firstLeft === undefined ? some : some.slice(0, some.indexOf(firstLeft));
    this.#steps.splice(0, done.length);
    for (const { onStored } of done) onStored?.();
    for (const found of [...this.#waitingForRoom]) if (this.#hasRoom) found();
  }

  #giveUp(aborted: AbortSignal): void {
    const left = this.#steps.splice(0);
    const events = left.filter((step) => 'envelope' in step);
    if (events.length > 0) this.parts.say(`stopped before ${countOf(events)} could be stored`);
    for (const step of left) if ('run' in step) void step.run(aborted);
  }

  get #hasRoom(): boolean {
    return this.#steps.length < IN_HAND;
  }

  #add(step: Step): void {
    this.#steps.push(step);
    this.#wake();
  }
}

function countOf(events: readonly Taken[]): string {
  if (events.length > 1) return `${events.length} events`;
  return `an event of ${events[0]?.envelope.topic ?? ''}`;
}
