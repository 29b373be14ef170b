import type { Logger } from 'pino';
import { FoghornError } from '../../protocol/errors.js';
import type { DockerContainer } from '../../protos/gen/foghorn/v1/docker.js';
import type { Broker } from '../broker/broker.js';
import type { SubscriptionMessage } from '../broker/subscription-message.js';
import { parseCursor } from '../events/cursor.js';
import type { EventView } from '../events/event-view.js';
import { describedIn } from './described-container.js';
import { Following } from './following.js';
import { gapNote } from './gap-note.js';
import { FilterIndex, type FilteredReader } from './filter-index.js';
import { fromNowOn } from './namespace-reads.js';
import { Translator } from './translator.js';

/** Containers that the feed knows without reading of them again: there is one feed, so it may hold more than a client's reading. */
const STORIES = 16_384;

/** A reader of what happens from now on. */
export interface LiveReader extends FilteredReader {
  /** An engine has described a container, which is shown to nobody as an event. */
  describe?(container: DockerContainer, offset: number): void;
  /** Nothing more comes: the history is another one now, cannot be followed, or the broker ends. */
  cut(): void;
}

/**
 * What happens in a namespace, as Docker clients see it, translated once for all who read it. It follows the history only while
 * somebody reads.
 */
export class LiveFeed {
  readonly #index = new FilterIndex();
  readonly #readers = new Set<LiveReader>();
  #following: Following | undefined;

  constructor(
    private readonly broker: Broker,
    private readonly namespace: string,
    private readonly log: Logger,
  ) {}

  /** Resolves with the offset after which the reader is offered everything. Throws UNAVAILABLE when the history cannot be followed. */
  async join(reader: LiveReader): Promise<number> {
    this.#following ??= this.#follow();
    const following = this.#following;
    following.expected += 1;
    try {
      await following.ready;
      if (this.#following !== following) throw cannotFollow();
      this.#readers.add(reader);
      this.#index.add(reader);
      return following.reached;
    } finally {
      following.expected -= 1;
      this.#rest();
    }
  }

  leave(reader: LiveReader): void {
    this.#readers.delete(reader);
    this.#index.remove(reader);
    this.#rest();
  }

  /** The offset up to which readers were offered everything; 0 while nobody reads. */
  get reached(): number {
    return this.#following?.reached ?? 0;
  }

  /** Resolves when readers were offered everything up to an offset, or nothing more will be offered. */
  async passed(offset: number): Promise<void> {
    await this.#following?.passed(offset);
  }

  /** Stops following when nobody is left to read. */
  #rest(): void {
    const following = this.#following;
    if (following === undefined || following.expected > 0 || this.#readers.size > 0) return;
    this.#following = undefined;
    following.stop.abort();
  }

  #follow(): Following {
    const following = new Following();
    void this.#run(following).then(
      () => {
        this.#cutOff(following);
      },
      (error: unknown) => {
        logFailure(error, this.log);
        this.#cutOff(following);
      },
    );
    return following;
  }

  async #run(following: Following): Promise<void> {
    const { signal } = following.stop;
    const subscription = await this.broker.subscribe(fromNowOn(this.namespace), signal);
    const translator = await Translator.create(this.broker, this.namespace, STORIES);
    following.askPlace = () => {
      subscription.tick();
    };
    for await (const message of subscription) {
      if (message.kind === 'end') return;
      await this.#dispatch(message, translator, following);
      following.begin();
      // One that is behind is not asked again before it has read on.
      if (following.isAwaited && message.kind !== 'progress') following.askPlace();
    }
  }

  async #dispatch(
    message: SubscriptionMessage,
    translator: Translator,
    following: Following,
  ): Promise<void> {
    if (message.kind === 'gap') this.log.warn(gapNote(message));
    if (message.kind !== 'entries') {
      if ('cursor' in message) following.advance(parseCursor(message.cursor).offset);
      return;
    }
    for (const view of message.entries) {
      const next = translator.next(view);
      const event = next instanceof Promise ? await next : next;
      if (event !== undefined) this.#index.dispatch(event);
      else if (view.isLifecycle) this.#describe(view);
      following.advance(view.offset);
    }
  }

  #describe(view: EventView): void {
    const container = describedIn(view);
    if (container === undefined) return;
    for (const reader of this.#readers) reader.describe?.(container, view.offset);
  }

  #cutOff(following: Following): void {
    following.end();
    if (this.#following !== following) return;
    this.#following = undefined;
    for (const reader of [...this.#readers]) {
      this.leave(reader);
      reader.cut();
    }
  }
}

function cannotFollow(): FoghornError {
  return new FoghornError('UNAVAILABLE', 'the history cannot be followed now: try again');
}

function logFailure(error: unknown, log: Logger): void {
  if (error instanceof FoghornError && error.retryable) {
    log.warn(`docker: live events end here: ${error.message}`);
  } else log.error({ err: error }, 'docker: live events end here');
}
