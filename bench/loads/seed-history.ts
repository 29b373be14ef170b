import { systemClock } from '../../protocol/clock.js';
import { Any } from '../../protos/gen/google/protobuf/any.js';
import { acceptPublish } from '../../server/broker/accept.js';
import { openStore } from '../../server/history/open.js';
import { payloadOf } from './payload.js';

/** What the program is told, as JSON in its first argument. */
export interface SeedSettings {
  /** A store's URL. */
  readonly store: string;
  readonly events: number;
  /** Of each event's payload. */
  readonly bytes: number;
  /** How many containers they are about, in turn. */
  readonly containers: number;
}

const BATCH = 10_000;

/* Stores events as if they had been published, without a broker. */
const { store: url, events, bytes, containers } = JSON.parse(process.argv[2] ?? '') as SeedSettings;
const payloads = Array.from({ length: containers }, (_, index) =>
  Any.encode(payloadOf(index, bytes)).finish(),
);
const published = { namespace: 'default', topic: '/tasks/create', publishId: Buffer.of() };
const clock = systemClock();
const store = await openStore(url, clock);
let made = 0;
let stored: Promise<unknown> = Promise.resolve();
while (made < events) {
  const length = Math.min(BATCH, events - made);
  const batch = Array.from({ length }, (_, index) => {
    const event = payloads[(made + index) % containers];
    return acceptPublish({ ...published, event }, clock());
  });
  made += length;
  // The next one is made while this one is written.
  await stored;
  stored = store.append(batch);
}
await stored;
await store.close();
