import type { EventView } from '../events/event-view.js';
import { DerivedView } from './derived-view.js';

/** A change of a container's newest run that has no event for Docker clients. */
export type Change =
  | { readonly kind: 'running'; /** ns since 1970. */ readonly time: bigint }
  | { readonly kind: 'ended'; readonly exitCode: number; readonly time: bigint }
  | {
      readonly kind: 'not started';
      /** The code that the daemon keeps for it; undefined if that was not reported. */
      readonly exitCode: number | undefined;
      /** For people. */
      readonly reason: string;
    };

/**
 * A change of a container's state that is not shown as an event: its engine reports it later, or
 * does not report it at all.
 */
export class RunChange extends DerivedView {
  constructor(
    /** The container. */
    readonly id: string,
    readonly change: Change,
    view: EventView,
  ) {
    super(view);
  }
}
