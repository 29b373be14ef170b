import { timestampFromNanos } from '../client/index.js';
import type { Envelope } from '../client/index.js';
import { RECORDER_TOPIC } from '../protocol/recorder-topics.js';
import { MissedEvents } from '../protos/gen/foghorn/v1/recording.js';

/** A span whose events may be missing; times in nanoseconds since 1970. */
export interface MissedSpan {
  readonly daemon: 'containerd' | 'docker';
  readonly address: string;
  readonly from: bigint;
  readonly to: bigint;
  readonly reason: string;
}

/** Returns the event that stands in the history for those that may be missing. */
export function missedEventsEnvelope(namespace: string, span: MissedSpan): Envelope {
  const to = timestampFromNanos(span.to);
  const missed = MissedEvents.fromPartial({ ...span, from: timestampFromNanos(span.from), to });
  return {
    timestamp: to,
    namespace,
    topic: RECORDER_TOPIC,
    event: {
      typeUrl: 'foghorn.v1.MissedEvents',
      value: Buffer.from(MissedEvents.encode(missed).finish()),
    },
  };
}
