import type { EventView } from '../events/event-view.js';

/** A view of the Docker delivery, with the position of the entry that it was derived from. */
export abstract class DerivedView {
  constructor(private readonly view: EventView) {}

  get offset(): number {
    return this.view.offset;
  }

  /** A cursor to resume after. */
  get cursor(): string {
    return this.view.cursor;
  }

  /** Size of the entry that it was derived from. */
  get wireBytes(): number {
    return this.view.wireBytes;
  }
}
