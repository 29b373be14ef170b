import type { NamespaceSet } from '../access/namespace-set.js';
import type { SubscriptionOptions } from './read-options.js';
import type { DeliveredView, Opening, ViewType } from './view-type.js';

/** The views that a reader may see and that are in the time that it asked for. */
export class VisibleViews<View extends DeliveredView, Filter> {
  /** The namespaces that the reader may read; undefined for all. */
  readonly readable: NamespaceSet | undefined;
  /** Undefined if all times are wanted. */
  readonly #isInTime: ((view: View) => boolean) | undefined;

  constructor(
    private readonly type: ViewType<View, Filter>,
    readable: NamespaceSet,
    options: SubscriptionOptions<Filter>,
    opening: Opening,
  ) {
    this.readable = readable.isEverything ? undefined : readable;
    this.#isInTime = type.timeRule(options, opening);
  }

  has(view: View): boolean {
    const { readable } = this;
    if (readable !== undefined && !readable.has(this.type.namespaceOf(view))) return false;
    return this.#isInTime === undefined || this.#isInTime(view);
  }
}
