import { WHOLE_DAEMON_NAMESPACE } from '../../protocol/recorder-topics.js';
import type { NamespaceSet } from '../access/namespace-set.js';
import type { ReaderPace } from './reader-pace.js';
import type { SubscriptionOptions } from './read-options.js';
import type { SubscriptionMessage } from './subscription-message.js';
import type { DeliveredView, Opening, ViewType } from './view-type.js';

type DeliveredEntries<View> = SubscriptionMessage<View> & { readonly kind: 'entries' };

/** The views that a reader may see and that are in the time that it asked for, and its pace. */
export class VisibleViews<View extends DeliveredView, Filter> {
  /** The namespaces that the reader may read; undefined for all. */
  #readable: NamespaceSet | undefined;
  /** Undefined if all times are wanted. */
  readonly #isInTime: ((view: View) => boolean) | undefined;
  readonly #isMissedSpan: ((view: View) => boolean) | undefined;

  constructor(
    private readonly type: ViewType<View, Filter>,
    readable: NamespaceSet,
    options: SubscriptionOptions<Filter>,
    opening: Opening,
    readonly pace: ReaderPace,
  ) {
    this.restrict(readable);
    this.#isInTime = type.timeRule(options, opening);
    const { filter, scope, reportsMissedSpans = false } = options;
    if (reportsMissedSpans && scope === undefined) this.#isMissedSpan = type.missedSpans?.(filter);
  }

  get readable(): NamespaceSet | undefined {
    return this.#readable;
  }

  /** Changes the namespaces that the reader may read. */
  restrict(readable: NamespaceSet): void {
    this.#readable = readable.isEverything ? undefined : readable;
  }

  /** The message without the views that are not visible; undefined if none is left. */
  only(message: DeliveredEntries<View>): DeliveredEntries<View> | undefined {
    const entries = message.entries.filter((view) => this.has(view));
    return entries.length === 0 ? undefined : { ...message, entries };
  }

  has(view: View): boolean {
    return this.#mayRead(view) && this.#isWanted(view);
  }

  /** Whether the reader is to be told about missed spans. */
  get reportsMissedSpans(): boolean {
    return this.#isMissedSpan !== undefined;
  }

  /** Whether the view stands for a span in which views for the reader may be missing. */
  isMissedSpan(view: View): boolean {
    if (this.#isMissedSpan?.(view) !== true || !this.#isWanted(view)) return false;
    return this.#mayRead(view) || this.type.namespaceOf(view) === WHOLE_DAEMON_NAMESPACE;
  }

  /** Decodes nothing of a view for a reader of all namespaces: a replay is made of such views. */
  #mayRead(view: View): boolean {
    return this.#readable === undefined || this.#readable.has(this.type.namespaceOf(view));
  }

  #isWanted(view: View): boolean {
    return this.#isInTime === undefined || this.#isInTime(view);
  }
}
