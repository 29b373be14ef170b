import type { MessageSource } from '../../broker/message-source.js';

/**
 * A source of an iteration's messages. Requests the next one when the one before has been taken.
 */
export class IteratedSource<Message> implements MessageSource<Message> {
  onReady = (): void => {};
  readonly #iterator: AsyncIterator<Message>;
  #next: Message | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isAsked = false;
  #closed = false;

  /** @param end ends the iteration, whatever it waits for */
  constructor(
    messages: AsyncIterable<Message>,
    private readonly end: () => void,
  ) {
    this.#iterator = messages[Symbol.asyncIterator]();
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Throws the iteration's error. */
  take(): Message | undefined {
    if (this.#failure !== undefined) {
      this.close();
      throw this.#failure.error;
    }
    const next = this.#next;
    this.#next = undefined;
    if (next === undefined && !this.#isAsked && !this.#closed) void this.#ask();
    return next;
  }

  close(): void {
    this.#closed = true;
    this.end();
  }

  async #ask(): Promise<void> {
    this.#isAsked = true;
    try {
      const result = await this.#iterator.next();
      if (result.done === true) this.#closed = true;
      else this.#next = result.value;
    } catch (error) {
      this.#failure = { error };
    }
    this.#isAsked = false;
    this.onReady();
  }
}
