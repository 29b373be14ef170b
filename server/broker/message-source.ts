/** Where messages come from, one after the other, without a promise for each. */
export interface MessageSource<Message> {
  /** `take` had nothing, and may have something now. Whoever takes sets it, and it must not throw. */
  onReady: () => void;
  /** Whether nothing comes any more. */
  readonly closed: boolean;
  /** The next message, if there is one now. Throws what it failed with, and is closed then. */
  take(): Message | undefined;
  /** Ends it without a word. */
  close(): void;
}

/** The messages of a source that nobody else takes from; to leave the iteration closes it. */
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
