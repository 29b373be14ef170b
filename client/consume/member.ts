import { randomUUID } from 'node:crypto';
import type {
  ConsumeRequest,
  Delivery as DeliveryMessage,
  DeliveryAnswers,
  DeliveryId,
} from '../../protos/gen/foghorn/v1/consumers.js';
import { durationOf } from './consumers.js';
import { EventDelivery, HeldDelivery, type AnswerSender } from './delivery.js';

/** Writes requests of one connection. */
export type WriteRequest = (message: NonNullable<ConsumeRequest['message']>) => void;

/** Most answers in one message. */
const BATCH = 1000;

/**
 * The state of a member, which outlives its connections: the deliveries that it holds, those that
 * wait to be taken, and the answers to send.
 */
export class ConsumerMember implements AnswerSender {
  readonly name = randomUUID();
  readonly #held = new Map<string, HeldDelivery>();
  readonly #queue: HeldDelivery[] = [];
  #write: WriteRequest | undefined;
  #unsent: HeldDelivery[] = [];
  /** Deliveries that the broker may send now. */
  #credit = 0;
  #onReady = (): void => {};

  constructor(
    private readonly consumer: string,
    private readonly prefetch: number,
  ) {}

  /** Number of deliveries without a stored answer. */
  get size(): number {
    return this.#held.size;
  }

  /** Uses a new connection. Sends what the member holds, and the answers without a reply. */
  connected(write: WriteRequest): void {
    const held = [...this.#held.values()].map(({ message }) => idOf(message));
    write({ $case: 'hello', value: { consumer: this.consumer, member: this.name, held } });
    this.#write = write;
    this.#credit = 0;
    this.#unsent = [];
    for (const each of this.#held.values()) if (each.answer !== undefined) this.send(each);
    this.#askForMore();
  }

  disconnected(): void {
    this.#write = undefined;
  }

  /** Gives up all deliveries: the consumer was reset. */
  forget(): void {
    for (const held of this.#held.values()) held.lose();
    this.#held.clear();
    this.#queue.splice(0);
  }

  receive(deliveries: readonly DeliveryMessage[]): void {
    for (const message of deliveries) {
      const held = new HeldDelivery(message, this);
      this.#held.set(keyOf(message), held);
      this.#queue.push(held);
    }
    this.#credit -= deliveries.length;
    this.#onReady();
  }

  answered(stored: readonly DeliveryId[], lost: readonly DeliveryId[]): void {
    for (const id of stored) this.#release(id)?.stored();
    for (const id of lost) {
      const held = this.#release(id);
      if (held === undefined) continue;
      held.lose();
      const at = this.#queue.indexOf(held);
      if (at >= 0) this.#queue.splice(at, 1);
    }
    this.#askForMore();
  }

  #release(id: DeliveryId): HeldDelivery | undefined {
    const key = keyOf(id);
    const held = this.#held.get(key);
    this.#held.delete(key);
    return held;
  }

  /** Keeps the number of held deliveries near the limit, with few messages. */
  #askForMore(): void {
    const more = this.prefetch - this.#held.size - this.#credit;
    if (this.#write === undefined || more < Math.max(1, this.prefetch / 4)) return;
    this.#credit += more;
    this.#write({ $case: 'credit', value: more });
  }

  /** Says that everything without an answer is worked on. */
  extend(): void {
    const inProgress: DeliveryId[] = [];
    for (const held of this.#held.values()) {
      if (held.answer === undefined) inProgress.push(idOf(held.message));
    }
    for (let from = 0; from < inProgress.length; from += BATCH) {
      const value = { ack: [], nack: [], inProgress: inProgress.slice(from, from + BATCH) };
      this.#write?.({ $case: 'answers', value });
    }
  }

  /**
   * Sends an answer with all others of this iteration of the event loop: a handler that is quick
   * answers each delivery in a microtask of its own.
   */
  send(held: HeldDelivery): void {
    this.#unsent.push(held);
    if (this.#unsent.length === 1)
      setImmediate(() => {
        this.#flush();
      });
  }

  #flush(): void {
    const unsent = this.#unsent;
    this.#unsent = [];
    for (let from = 0; from < unsent.length; from += BATCH) {
      const value = answersOf(unsent.slice(from, from + BATCH));
      this.#write?.({ $case: 'answers', value });
    }
  }

  /**
   * Asks the broker to give back what has no answer, and to end the stream. Writes nothing more: a
   * later answer is one for a delivery that was given back.
   */
  leave(): void {
    this.#flush();
    this.#write?.({ $case: 'leave', value: {} });
    this.#write = undefined;
  }

  /** The next delivery, if one has arrived. */
  take(): EventDelivery | undefined {
    const held = this.#queue.shift();
    return held && new EventDelivery(held);
  }

  /** Calls back when `take` may return something again. */
  set onReady(callback: () => void) {
    this.#onReady = callback;
  }
}

function idOf({ event, attempt }: DeliveryMessage): DeliveryId {
  return { event, attempt };
}

function keyOf({ event, attempt }: DeliveryId): string {
  return `${event}/${attempt}`;
}

function answersOf(unsent: readonly HeldDelivery[]): DeliveryAnswers {
  const answers: DeliveryAnswers = { ack: [], nack: [], inProgress: [] };
  for (const { message, answer } of unsent) {
    const id = idOf(message);
    if (answer?.kind === 'ack') answers.ack.push(id);
    if (answer?.kind !== 'nack') continue;
    const { delay, reason = '', terminate = false } = answer;
    answers.nack.push({
      id,
      delay: delay === undefined ? undefined : durationOf(delay),
      reason,
      terminate,
    });
  }
  return answers;
}
