import type { Logger } from 'pino';
import type { BrokerReports } from './broker/broker-reports.js';
import type { Gap } from './broker/subscription-message.js';
import type { CountCall } from './edge.js';
import { Reports } from './log/reports.js';
import type { CallProtocol } from './metrics/call-counts.js';
import type { MetricSources } from './metrics/scrape.js';
import { BrokerCounts } from './metrics/broker-counts.js';
import type { Readiness } from './readiness.js';

/** Statuses of calls that were refused for what the caller is, or asked for. */
const GRPC_REFUSALS = new Set([3, 7, 8, 9, 12, 16]);
const HTTP_REFUSALS = new Set([400, 401, 403, 404, 409]);
const REFUSALS: Readonly<Record<CallProtocol, ReadonlySet<number>>> = {
  grpc: GRPC_REFUSALS,
  ttrpc: GRPC_REFUSALS,
  http: HTTP_REFUSALS,
  // Docker clients ask for containers to see whether they exist.
  docker: new Set([400, 401, 403]),
};

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

  /** The functions that the broker reports to. */
  get brokerReports(): BrokerReports {
    const { gap, statistics, reports } = this;
    return { costlyFilter: reports.costlyFilter, gap, refusedEvent: statistics.refusedEvent };
  }

  /** When retention last overtook a reader, ms since the process began, if it did. Bound. */
  readonly lastOvertaken = (): number | undefined => this.#lastOvertaken;

  /** Returns what an edge calls with each call that has ended. */
  countCall(protocol: CallProtocol): CountCall {
    const refusals = REFUSALS[protocol];
    return (method, status, calls = 1, traceparent) => {
      this.statistics.calls.add(protocol, method, status, calls);
      if (refusals.has(status)) this.reports.refusedCall(method, status, traceparent);
    };
  }

  /** Completes the sources of metrics with what is counted here. */
  metricSources(sources: Omit<MetricSources, 'statistics' | 'troubles'>): MetricSources {
    const { statistics, ready } = this;
    return { ...sources, statistics, troubles: () => ready.reasons };
  }
}
