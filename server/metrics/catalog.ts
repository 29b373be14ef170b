import { CONSUMER_METRICS } from './consumer-metrics.js';
import type { Metric } from './metric.js';
import { recorderLagSeconds, recorderSamples, sumOfStates } from './recorder-figures.js';

/**
 * All metrics of a broker; docs/metrics.md is made from this list. A label has a bounded number of
 * values, whatever callers send.
 */
export const METRICS: readonly Metric[] = [
  {
    name: 'foghorn_build_info',
    type: 'gauge',
    help: 'Always 1; the version is a label.',
    labels: ['version'],
    read: ({ version }) => [[1, version]],
  },
  {
    name: 'foghorn_ready',
    type: 'gauge',
    help: 'Whether events can be stored: 1 or 0.',
    read: ({ troubles }) => (troubles().length === 0 ? 1 : 0),
  },
  {
    name: 'foghorn_not_ready',
    type: 'gauge',
    help: 'Whether this part keeps events from being stored: 1 or 0.',
    labels: ['source'],
    read: ({ troubles }) => {
      const sources = troubles().map(({ source }) => source);
      return ['history', 'broker'].map((each) => [sources.includes(each) ? 1 : 0, each]);
    },
  },
  {
    name: 'foghorn_events_stored_total',
    type: 'counter',
    help: 'Events that this broker has stored; beyond 200 pairs of namespace and topic, as "other".',
    labels: ['namespace', 'topic'],
    read: ({ statistics }) =>
      statistics.events.all.map(({ namespace, topic, events }) => [events, namespace, topic]),
  },
  {
    name: 'foghorn_event_bytes_stored_total',
    type: 'counter',
    help: 'Bytes of the envelopes that this broker has stored.',
    read: ({ statistics }) => statistics.events.bytes,
  },
  {
    name: 'foghorn_duplicates_total',
    type: 'counter',
    help: 'Events that were stored already, and so were not stored again.',
    read: ({ statistics }) => statistics.duplicates,
  },
  {
    name: 'foghorn_append_duration_seconds',
    type: 'histogram',
    help: 'Time until events are durable: for each commit, that of the event that waited longest.',
    read: ({ statistics }) => statistics.appends,
  },
  {
    name: 'foghorn_flush_duration_seconds',
    type: 'histogram',
    help: 'Time to write and flush a commit to the write-ahead log of the embedded store.',
    read: ({ statistics }) => statistics.flushes,
  },
  {
    name: 'foghorn_checkpoint_duration_seconds',
    type: 'histogram',
    help: 'Time to copy a segment of the write-ahead log to the tables.',
    read: ({ statistics }) => statistics.checkpoints,
  },
  {
    name: 'foghorn_events_refused_total',
    type: 'counter',
    help: 'Events that were refused before they reached the store, by code.',
    labels: ['code'],
    read: ({ statistics }) =>
      statistics.refusedEvents.all.map(({ labels, count }) => [count, ...labels]),
  },
  {
    name: 'foghorn_commits_failed_total',
    type: 'counter',
    help: 'Commits that the store has refused; none of their events is stored.',
    labels: ['code'],
    read: ({ statistics }) =>
      statistics.failedCommits.all.map(({ labels, count }) => [count, ...labels]),
  },
  {
    name: 'foghorn_calls_total',
    type: 'counter',
    help: 'Calls that have ended, by method and by gRPC, ttrpc or HTTP status.',
    labels: ['protocol', 'method', 'status'],
    read: ({ statistics }) =>
      statistics.calls.all.map(({ protocol, method, status, calls }) => [
        calls,
        protocol,
        method,
        String(status),
      ]),
  },
  {
    name: 'foghorn_callers_refused_total',
    type: 'counter',
    help: 'Callers that were refused because their identity is missing or not valid.',
    read: ({ verdicts }) => verdicts.unidentified,
  },
  {
    name: 'foghorn_access_verdicts_total',
    type: 'counter',
    help: 'Identities of connections (identified, unidentified), uses of rights (allowed, denied), and requests above a quota (limited).',
    labels: ['verdict'],
    read: ({ verdicts }) => Object.entries(verdicts).map(([verdict, count]) => [count, verdict]),
  },
  {
    name: 'foghorn_audit_lines_lost_total',
    type: 'counter',
    help: 'Lines of --audit that could not be written.',
    read: ({ lostAuditLines }) => lostAuditLines(),
  },
  {
    name: 'foghorn_history_last_offset',
    type: 'gauge',
    help: 'Offset of the newest entry.',
    read: ({ described }) => described && (described.last?.offset ?? 0),
  },
  {
    name: 'foghorn_history_entries',
    type: 'gauge',
    help: 'Entries from the first kept one to the last.',
    read: ({ described }) => described?.entryCount,
  },
  {
    name: 'foghorn_history_entry_bytes',
    type: 'gauge',
    help: 'Bytes that count for --retain-bytes.',
    read: ({ described }) => described?.entryBytes,
  },
  {
    name: 'foghorn_history_stored_bytes',
    type: 'gauge',
    help: 'Bytes that the history takes where it is stored.',
    read: ({ described }) => described?.storedBytes,
  },
  {
    name: 'foghorn_history_lasting_entries',
    type: 'gauge',
    help: 'Exits and other entries that have outlived the entries around them.',
    read: ({ described }) => described?.keptExitCount,
  },
  {
    name: 'foghorn_history_trimmed_entries_total',
    type: 'counter',
    help: 'Entries that retention has removed for good, since the history began.',
    read: ({ described }) => described?.trimmedCount,
  },
  {
    name: 'foghorn_retention_headroom_seconds',
    type: 'gauge',
    help: 'Time until --retain-bytes is reached, at the rate of the last day.',
    read: ({ headroom }) => headroom,
  },
  {
    name: 'foghorn_disk_free_bytes',
    type: 'gauge',
    help: "Free space of the embedded store's disk.",
    read: ({ space }) => space?.free,
  },
  {
    name: 'foghorn_disk_size_bytes',
    type: 'gauge',
    help: "Size of the embedded store's disk.",
    read: ({ space }) => space?.size,
  },
  {
    name: 'foghorn_clock_doubtful',
    type: 'gauge',
    help: 'Whether the clock has jumped, so that nothing is removed by age: 1 or 0.',
    read: ({ isClockDoubtful }) => (isClockDoubtful() ? 1 : 0),
  },
  {
    name: 'foghorn_subscribers',
    type: 'gauge',
    help: 'Subscriptions that get events as they are stored (live), or read the history (reading).',
    labels: ['state'],
    read: ({ readers }) => [
      [readers.live, 'live'],
      [readers.reading, 'reading'],
    ],
  },
  {
    name: 'foghorn_slowest_subscriber_lag_entries',
    type: 'gauge',
    help: 'Entries that the slowest subscriber has not considered yet.',
    read: ({ readers }) => readers.lagEntries,
  },
  {
    name: 'foghorn_slowest_subscriber_lag_seconds',
    type: 'gauge',
    help: 'Time since the oldest of these entries was stored.',
    read: ({ readers }) => readers.lagSeconds,
  },
  {
    name: 'foghorn_waits_open',
    type: 'gauge',
    help: 'Waits for exits that are open.',
    read: ({ waits }) => waits.count,
  },
  {
    name: 'foghorn_redis_round_trip_seconds',
    type: 'histogram',
    help: 'Time until Redis has answered a command.',
    read: ({ isInRedis, statistics }) => (isInRedis ? statistics.roundTrips : undefined),
  },
  {
    name: 'foghorn_redis_reconnects_total',
    type: 'counter',
    help: 'Connections to Redis after the first one.',
    read: ({ isInRedis, statistics }) => (isInRedis ? statistics.reconnects : undefined),
  },
  {
    name: 'foghorn_gaps_total',
    type: 'counter',
    help: 'Gaps that readers were told: trimmed means that retention has overtaken them.',
    labels: ['reason'],
    read: ({ statistics }) => statistics.gaps.all.map(({ labels, count }) => [count, ...labels]),
  },
  ...CONSUMER_METRICS,
  {
    name: 'foghorn_recorders_attached',
    type: 'gauge',
    help: 'Recorders that are attached to this broker.',
    labels: ['kind'],
    read: recorderSamples(({ length }) => length),
  },
  {
    name: 'foghorn_recorders_daemon_away',
    type: 'gauge',
    help: 'Recorders that are attached, but do not follow their daemon.',
    labels: ['kind'],
    read: recorderSamples(sumOfStates(({ isFollowing }) => (isFollowing ? 0 : 1))),
  },
  {
    name: 'foghorn_recorders_missed_spans',
    type: 'gauge',
    help: 'Spans in which events may be missing, as attached recorders have found since their start.',
    labels: ['kind'],
    read: recorderSamples(sumOfStates(({ missedSpans }) => missedSpans)),
  },
  {
    name: 'foghorn_recorder_spool_entries',
    type: 'gauge',
    help: 'Events that wait in the spools of attached recorders.',
    labels: ['kind'],
    read: recorderSamples(sumOfStates(({ spool }) => spool.entries)),
  },
  {
    name: 'foghorn_recorder_spool_bytes',
    type: 'gauge',
    help: 'Bytes of the events that wait in these spools.',
    labels: ['kind'],
    read: recorderSamples(sumOfStates(({ spool }) => spool.bytes)),
  },
  {
    name: 'foghorn_recorder_lag_seconds',
    type: 'gauge',
    help: 'Time since the oldest of the events that wait in these spools.',
    labels: ['kind'],
    read: recorderSamples(recorderLagSeconds),
  },
  {
    name: 'foghorn_recorders_missing',
    type: 'gauge',
    help: 'Recorders that were attached since the start, and are not any more.',
    read: ({ recorders }) => recorders.missing,
  },
];
