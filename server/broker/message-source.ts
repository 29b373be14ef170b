/** A source of messages that are taken one at a time, without a promise for each. */
export interface MessageSource<Message> {
  /** Called when `take()` may return a message again. Set by the consumer; must not throw. */
  onReady: () => void;
  /**
   * Called when the consumer has held a message for so long that others wait for its memory. It
   * drops the message and closes the source. Must not throw.
   */
  onEvicted?: (() => void) | undefined;
  /** Whether the source has ended. */
  readonly closed: boolean;
  /**
   * The next message, if there is one now. Throws the failure of the source, which is closed then.
   */
  take(): Message | undefined;
  /** Closes the source; nothing more is delivered. */
  close(): void;
}

/** The messages of a source that has no other consumer. Leaving the iteration closes the source. */
export async function* iterate<Message>(
  source: MessageSource<Message>,
): AsyncGenerator<Message, void, undefined> {
  try {
    while (!source.closed) {
      const message = source.take();
      if (message !== undefined) yield message;
      else await new Promise<void>((resolve) => (source.onReady = resolve));
    }
  } finally {
    source.close();
  }
}
