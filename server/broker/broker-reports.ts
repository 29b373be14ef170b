import type { EventTracing } from './event-tracing.js';
import type { Gap } from './subscription-message.js';

/** Functions that a broker reports to about its callers. They must not throw. */
export interface BrokerReports {
  /** A filter that its subscription cannot match live. */
  readonly costlyFilter: (filters: string) => void;
  /** A reader has met a gap. */
  readonly gap: (gap: Gap) => void;
  /** An event was refused before it reached the store. */
  readonly refusedEvent: (code: string) => void;
  /** Follows events by spans; undefined for none. */
  readonly tracing?: EventTracing | undefined;
}

export const NO_REPORTS: BrokerReports = {
  costlyFilter: () => undefined,
  gap: () => undefined,
  refusedEvent: () => undefined,
};
