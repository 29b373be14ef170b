import type { MessageSource } from './service.js';

/** The messages of a generator, made one ahead of the consumer. Undefined ones are left out. */
export class GeneratedSource<Message> implements MessageSource<Message> {
  onReady = (): void => undefined;
  #next: { readonly message: Message } | { readonly error: unknown } | undefined;
  #isClosed = false;

  constructor(private readonly messages: AsyncGenerator<Message | undefined, void, undefined>) {
    void this.#advance();
  }

  get closed(): boolean {
    return this.#isClosed && this.#next === undefined;
  }

  take(): Message | undefined {
    const next = this.#next;
    if (next === undefined) return undefined;
    this.#next = undefined;
    if ('error' in next) throw next.error;
    void this.#advance();
    return next.message;
  }

  close(): void {
    this.#isClosed = true;
    this.#next = undefined;
    void this.messages.return();
  }

  async #advance(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.messages.next();
        if (this.#isClosed) return;
        if (done === true) break;
        if (value === undefined) continue;
        this.#next = { message: value };
        this.onReady();
        return;
      }
    } catch (error) {
      this.#next = { error };
    }
    this.#isClosed = true;
    this.onReady();
  }
}
