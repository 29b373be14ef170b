import { FoghornError } from '../../../protocol/errors.js';
import type { EntrySubscription } from '../../broker/broker.js';
import type { EventView } from '../../events/event-view.js';
import { gapJson } from './event-stream.js';

/** The events of one answer. */
export interface EventPage {
  readonly views: readonly EventView[];
  readonly gaps: readonly object[];
  /** The cursor to go on after; '' when the page ends within the kept exits. */
  readonly cursor: string;
  /** The cursor of the last kept exit; '' if the page has none. */
  readonly lastKept: string;
  /** Whether the page ends where the history ended when it was asked for. */
  readonly isComplete: boolean;
}

/** Collects what a subscription delivers. Rejects with UNAVAILABLE when the broker drains. */
export async function readPage(subscription: EntrySubscription, limit: number): Promise<EventPage> {
  const views: EventView[] = [];
  const gaps: object[] = [];
  let lastKept = '';
  for await (const message of subscription) {
    if (message.kind === 'gap') gaps.push(gapJson(message));
    else if (message.kind === 'entries') {
      views.push(...message.entries);
      if (message.keptExits) lastKept = message.entries.at(-1)?.cursor ?? lastKept;
    } else if (message.kind === 'end') {
      const { reason, cursor } = message;
      if (reason !== 'complete') throw endError(reason);
      return { views, gaps, cursor, lastKept, isComplete: views.length < limit };
    }
  }
  throw endError('shutdown');
}

function endError(reason: 'shutdown' | 'gap'): FoghornError {
  return reason === 'gap'
    ? new FoghornError('OUT_OF_RANGE', 'the next events were removed by retention')
    : new FoghornError('UNAVAILABLE', 'the broker is shutting down');
}
