import { expect } from 'chai';
import { BROKER } from '../../../server/access/caller.js';
import type { Broker } from '../../../server/broker/broker.js';
import type { SubscriptionOptions } from '../../../server/broker/read-options.js';
import type { SubscriptionMessage } from '../../../server/broker/subscription-message.js';
import { parseCursor } from '../../../server/events/cursor.js';

/** Options of a model reader, except its start. */
export type Wish = Pick<SubscriptionOptions, 'filter' | 'scope' | 'stopWhenCaughtUp' | 'limit'>;

/**
 * A reader that takes messages only when it is permitted to, and resumes after its newest cursor
 * whenever its stream ends. After each message it checks that it has received exactly the wanted
 * entries up to the message's cursor.
 */
export class ModelReader {
  #offset = 0;
  #cursor: string | undefined;
  #stream: { abort: AbortController; ended: Promise<void> } | undefined;
  #permits = 0;
  #permitted = (): void => {};

  constructor(
    private readonly broker: Broker,
    private readonly wish: Wish,
    /** Whether it should get the entry with this offset, by the naive matcher. */
    private readonly wants: (offset: number) => boolean,
  ) {}

  /** Opens a stream unless one is open. */
  async open(): Promise<void> {
    if (this.#stream !== undefined) return;
    const start =
      this.#cursor === undefined
        ? ({ kind: 'earliest' } as const)
        : ({ kind: 'after', cursor: this.#cursor } as const);
    const abort = new AbortController();
    const options = { ...this.wish, start, until: undefined, onGap: 'fail' } as const;
    const subscription = await this.broker.subscribe(BROKER, options, abort.signal);
    const ended = this.#take(subscription, abort.signal).finally(() => {
      abort.abort();
      this.#stream = undefined;
    });
    // `drop` and `finish` report the failure.
    ended.catch(() => {});
    this.#stream = { abort, ended };
  }

  /** Permits more messages, which it takes at its own pace. */
  permit(messages: number): void {
    this.#permits += messages;
    this.#permitted();
  }

  /** Aborts the stream. */
  async drop(): Promise<void> {
    this.#stream?.abort.abort();
    this.#permitted();
    await this.#stream?.ended;
  }

  /** Takes what there is until its stream ends by itself. */
  async finish(): Promise<void> {
    this.permit(Infinity);
    await this.#stream?.ended;
  }

  async #take(messages: AsyncIterable<SubscriptionMessage>, signal: AbortSignal): Promise<void> {
    for await (const message of messages) {
      this.#check(message);
      if (message.kind === 'end') return;
      while (this.#permits <= 0 && !signal.aborted) {
        await new Promise<void>((resolve) => (this.#permitted = resolve));
      }
      this.#permits -= 1;
    }
  }

  #check(message: SubscriptionMessage): void {
    expect(message.kind).to.not.equal('gap');
    if (message.kind === 'gap') return;
    const got = message.kind === 'entries' ? message.entries : [];
    if (message.kind === 'entries') expect(got).to.not.be.empty;
    this.#cursor = message.kind === 'entries' ? got.at(-1)!.cursor : message.cursor;
    const { offset } = parseCursor(this.#cursor);
    expect(offset).to.be.at.least(this.#offset);
    const due: number[] = [];
    for (let next = this.#offset + 1; next <= offset; next++) if (this.wants(next)) due.push(next);
    expect(got.map((entry) => entry.offset)).to.deep.equal(due);
    this.#offset = offset;
  }
}
