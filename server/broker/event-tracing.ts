import type { Clock } from '../../protocol/clock.js';
import type { TraceContext } from '../../protocol/trace-context.js';
import type { EventView } from '../events/event-view.js';

/** The parts of an event that its spans show. */
export interface TraceableEvent {
  readonly namespace?: string | undefined;
  readonly topic: string;
  /** The trace that the publisher names, if any. */
  readonly trace?: TraceContext;
}

/** Follows events by spans, from their publish to their delivery. Its methods must not throw. */
export interface EventTracing {
  /** Begins the span of a publish. */
  published(event: TraceableEvent): PublishSpan;
  /**
   * Events have left the history for a reader.
   *
   * @param openedAt when the reader began, ns since 1970
   */
  delivered(events: readonly EventView[], openedAt: bigint): void;
}

/** The span of a publish, until the publisher is answered. */
export interface PublishSpan {
  /** The trace to keep with the event; undefined for none. */
  readonly trace: TraceContext | undefined;
  /** The event is stored. */
  stored(): void;
  failed(error: unknown): void;
}

/** Reports what the reader of a subscription takes from now on. Returns the subscription. */
export function traceDeliveries<
  Subscription extends { onDelivered: ((events: readonly EventView[]) => void) | undefined },
>(subscription: Subscription, tracing: EventTracing | undefined, clock: Clock): Subscription {
  if (tracing === undefined) return subscription;
  const openedAt = clock();
  subscription.onDelivered = (events) => {
    tracing.delivered(events, openedAt);
  };
  return subscription;
}
