import { FoghornError } from '../../protocol/errors.js';
import type { ReadOptions } from '../broker/read-options.js';
import type { Subscription } from '../broker/subscription.js';
import type { SubscriptionMessage } from '../broker/subscription-message.js';
import type { StreamSource } from './stream-source.js';
import { gapNote } from './gap-note.js';
import type { ShownEvent } from './shown-event.js';
import { Translator } from './translator.js';

/** What the history holds from a place on, as Docker clients see it, read at the pace of whoever iterates it, once. */
export class PastEvents {
  private constructor(
    private readonly source: StreamSource,
    private readonly subscription: Subscription,
    /** Its subscription ends with it, and not only when the client goes, who may need many. */
    private readonly over: AbortController,
  ) {}

  /** Throws what `Broker.subscribe` throws. */
  static async open(
    source: StreamSource,
    options: ReadOptions,
    signal: AbortSignal,
  ): Promise<PastEvents> {
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    return new PastEvents(source, await source.broker.subscribe(options, either), over);
  }

  /**
   * The events that are wanted, up to an offset. Throws when it cannot tell all of them: UNAVAILABLE when the broker shuts down,
   * OUT_OF_RANGE when retention was faster and the options do not let it go on.
   */
  async *upTo(
    offset: number,
    isWanted: (event: ShownEvent) => boolean,
  ): AsyncGenerator<readonly ShownEvent[], void, undefined> {
    try {
      const { broker, namespace } = this.source;
      const translator = await Translator.create(broker, namespace);
      for await (const message of this.subscription) {
        if (message.kind === 'gap') this.source.log.warn(gapNote(message));
        checkEnd(message);
        if (message.kind !== 'entries') continue;
        const events: ShownEvent[] = [];
        for (const view of message.entries) {
          if (view.offset > offset) break;
          const next = translator.next(view);
          const event = next instanceof Promise ? await next : next;
          if (event !== undefined && isWanted(event)) events.push(event);
        }
        if (events.length > 0) yield events;
        if ((message.entries.at(-1)?.offset ?? 0) > offset) return;
      }
    } finally {
      this.over.abort();
    }
  }
}

function checkEnd(message: SubscriptionMessage): void {
  if (message.kind !== 'end' || message.reason === 'complete') return;
  if (message.reason === 'shutdown') {
    throw new FoghornError('UNAVAILABLE', 'the broker is shutting down');
  }
  throw new FoghornError('OUT_OF_RANGE', 'what comes next is not kept any more');
}
