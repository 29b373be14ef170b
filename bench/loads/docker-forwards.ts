import { connect } from '../../client/index.js';
import { eventEnvelope } from '../../bridge/docker/envelopes.js';
import { risingClock } from '../../protocol/clock.js';
import { runAtPace, type Pace } from './docker/pace.js';
import { subjectEvent } from './docker/subject-events.js';
import type { Subjects } from './docker/subjects.js';
import { wallMicros } from './wall-clock.js';

/** The program's first argument, as JSON. */
export interface ForwardsSettings {
  /** Address of the broker. */
  readonly address: string;
  readonly namespace: string;
  readonly subjects: Subjects;
  readonly pace: Pace;
}

/* Forwards a Docker engine's events as `foghorn record docker` does. */
const { address, namespace, subjects, pace } = JSON.parse(
  process.argv[2] ?? '',
) as ForwardsSettings;
const client = connect({ address });
await client.describe();
// Timestamps must differ, because equal events with equal timestamps are duplicates.
const clock = risingClock(() => BigInt(Math.floor(wallMicros())) * 1000n);
let events = 0;
await runAtPace(() => {
  const event = subjectEvent(events++, subjects);
  return client.forward(eventEnvelope(namespace, { ...event, timeNano: clock() }));
}, pace);
await client.close();
