import { consumerSamples } from './consumer-figures.js';
import type { Metric } from './metric.js';

/** The metrics of durable consumers. */
export const CONSUMER_METRICS: readonly Metric[] = [
  {
    name: 'foghorn_consumer_lag_entries',
    type: 'gauge',
    help: 'Entries after the floor of a durable consumer, wanted or not; beyond 20 consumers, as "other".',
    labels: ['consumer'],
    read: consumerSamples(({ lagEntries }) => lagEntries),
  },
  {
    name: 'foghorn_consumer_lag_seconds',
    type: 'gauge',
    help: 'Time since the oldest of these entries was stored.',
    labels: ['consumer'],
    read: consumerSamples(({ lagSeconds }) => lagSeconds),
  },
  {
    name: 'foghorn_consumer_oldest_unacknowledged_seconds',
    type: 'gauge',
    help: 'Age of the oldest event that the consumer wants and has not acknowledged; 0 at a broker without its members.',
    labels: ['consumer'],
    read: consumerSamples(({ oldestSeconds }) => oldestSeconds),
  },
  {
    name: 'foghorn_consumer_in_flight',
    type: 'gauge',
    help: 'Events that members work on.',
    labels: ['consumer'],
    read: consumerSamples(({ inFlight }) => inFlight),
  },
  {
    name: 'foghorn_consumer_acknowledged_total',
    type: 'counter',
    help: 'Events that were acknowledged.',
    labels: ['consumer'],
    read: consumerSamples(({ acknowledged }) => acknowledged),
  },
  {
    name: 'foghorn_consumer_redelivered_total',
    type: 'counter',
    help: 'Deliveries that failed, after which the event was delivered again or parked.',
    labels: ['consumer'],
    read: consumerSamples(({ failed }) => failed),
  },
  {
    name: 'foghorn_consumer_parked',
    type: 'gauge',
    help: 'Parked events.',
    labels: ['consumer'],
    read: consumerSamples(({ parked }) => parked),
  },
  {
    name: 'foghorn_consumer_lost_entries_total',
    type: 'counter',
    help: 'Entries at most that were lost in gaps.',
    labels: ['consumer'],
    read: consumerSamples(({ lost }) => lost),
  },
  {
    name: 'foghorn_consumer_hold_exceeded',
    type: 'gauge',
    help: 'Whether retention has removed entries that the consumer holds: 1 or 0.',
    labels: ['consumer'],
    read: consumerSamples(({ holdsExceeded }) => holdsExceeded),
  },
];
