import type { Logger } from 'pino';
import { traceIdField } from '../../protocol/trace-context.js';
import type { Gap } from '../broker/subscription-message.js';
import { RateLimit } from './rate-limit.js';

/** Recorders of many hosts come and go together. */
const MAX_RECORDER_LINES = 100;

/** The lines about a daemon that is not recorded. */
const ABSENCES = {
  gone: 'gone; its daemon is not recorded now',
  missing: 'missing; it recorded before the start, and has not come back',
  daemon_away: 'does not follow its daemon, which is not recorded now',
};

/** The lines about one that is. */
const PRESENCES = { attached: 'attached', following: 'follows its daemon again' };

/** Writes what happens in a broker to the log, and keeps what happens often from filling it. */
export class Reports {
  readonly #gaps = new RateLimit();
  readonly #refusals = new RateLimit();
  readonly #costly = new RateLimit();
  readonly #recorders = new RateLimit(MAX_RECORDER_LINES);

  constructor(private readonly log: Logger) {}

  /** A filter that its subscription cannot match live. Bound, like the others. */
  readonly costlyFilter = (filters: string): void => {
    this.#costly.pass((leftOut) => {
      this.log.warn(
        { filters, ...leftOut },
        'subscription: its filters are too slow to match live; it reads history',
      );
    });
  };

  readonly gap = ({ reason, from, to, lostAtMost }: Gap): void => {
    const text =
      reason === 'trimmed'
        ? 'retention: a reader was overtaken, and events were removed before it got them'
        : `history: a reader has met a gap (${reason})`;
    this.#gaps.pass((leftOut) => {
      this.log.warn({ from, to, lostAtMost, ...leftOut }, text);
    });
  };

  readonly recorder = (
    change: keyof typeof PRESENCES | keyof typeof ABSENCES,
    { kind, namespace }: { readonly kind: string; readonly namespace: string | undefined },
    reason = '',
  ): void => {
    this.#recorders.pass((leftOut) => {
      const fields = { kind, namespace, ...(reason !== '' && { reason }), ...leftOut };
      if (change === 'attached' || change === 'following') {
        this.log.info(fields, `recorder: ${PRESENCES[change]}`);
      } else {
        this.log.warn(fields, `recorder: ${ABSENCES[change]}`);
      }
    });
  };

  /**
   * A call that was answered with an error.
   *
   * @param traceparent text of the caller
   */
  readonly refusedCall = (method: string, status: number, traceparent: unknown): void => {
    this.#refusals.pass((leftOut) => {
      this.log.info({ method, status, ...traceIdField(traceparent), ...leftOut }, 'call refused');
    });
  };
}
