import type { Logger } from 'pino';
import type { Gap } from './broker/subscription-message.js';
import { Reports } from './log/reports.js';
import { Exposition } from './metrics/exposition.js';
import type { MetricSources } from './metrics/scrape.js';
import { BrokerCounts } from './metrics/broker-counts.js';
import type { Readiness } from './readiness.js';

/** Statuses of calls that were refused for what the caller is, or asked for. */
const REFUSALS = { grpc: new Set([3, 7, 8, 9, 12, 16]), http: new Set([400, 401, 403, 404, 409]) };

/** Everything that operators see of a broker: its counts, its log and whether it is ready. */
export class OperatorView {
  readonly statistics = new BrokerCounts();
  readonly reports: Reports;
  #lastOvertaken: number | undefined;

  constructor(
    readonly ready: Readiness,
    log: Logger,
  ) {
    this.reports = new Reports(log);
  }

  /** A reader meets a gap. Bound. */
  readonly gap = (gap: Gap): void => {
    if (gap.reason === 'trimmed') this.#lastOvertaken = performance.now();
    this.statistics.gaps.add(gap.reason);
    this.reports.gap(gap);
  };

  /** When retention last overtook a reader, ms since the process began, if it did. Bound. */
  readonly lastOvertaken = (): number | undefined => this.#lastOvertaken;

  /** A caller without a valid identity was refused. Bound. */
  readonly countRefusedCaller = (): void => {
    this.statistics.refusedCallers += 1;
  };

  /** Returns what an edge calls with each call that has ended. */
  countCall(protocol: keyof typeof REFUSALS): (method: string, status: number) => void {
    const refusals = REFUSALS[protocol];
    return (method, status) => {
      this.statistics.calls.add(protocol, method, status);
      if (refusals.has(status)) this.reports.refusedCall(method, status);
    };
  }

  /** Returns how all metrics are written. */
  exposition(sources: Omit<MetricSources, 'statistics' | 'troubles'>): Exposition {
    const { statistics, ready } = this;
    return new Exposition({ ...sources, statistics, troubles: () => ready.reasons });
  }
}
