import { systemClock } from '../../protocol/clock.js';
import { readEncodedAny } from '../../protocol/wire/any.js';
import { Any } from '../../protos/gen/google/protobuf/any.js';
import { BROKER } from '../../server/access/caller.js';
import { acceptPublish } from '../../server/broker/accept.js';
import { openStore } from '../../server/history/open.js';
import { payloadOf } from './payload.js';

/** The program's first argument, as JSON. */
export interface SeedSettings {
  /** URL of the store. */
  readonly store: string;
  readonly events: number;
  /** Payload size of each event. */
  readonly bytes: number;
  /** Number of containers; events are about each of them in rotation. */
  readonly containers: number;
}

const EVENTS_PER_APPEND = 10_000;

/* Fills a store with published events, without a broker. */
const { store: url, events, bytes, containers } = JSON.parse(process.argv[2] ?? '') as SeedSettings;
const payloads = Array.from({ length: containers }, (_, index) =>
  readEncodedAny(Any.encode(payloadOf(index, bytes)).finish()),
);
const published = { namespace: 'default', topic: '/tasks/create', publishId: Buffer.of() };
const store = await openStore(url, systemClock);
let made = 0;
let stored: Promise<unknown> = Promise.resolve();
while (made < events) {
  const length = Math.min(EVENTS_PER_APPEND, events - made);
  const batch = Array.from({ length }, (_, index) => {
    const event = payloads[(made + index) % containers];
    return acceptPublish(BROKER, { ...published, event }, systemClock());
  });
  made += length;
  // The next batch is made while this one is written.
  await stored;
  stored = store.append(batch);
}
await stored;
await store.close();
