import { setImmediate } from 'node:timers/promises';
import { LONGEST_TIMER_MS } from '../../protocol/clock.js';
import { SubscribeRequest } from '../../protos/gen/containerd/services/events/v1/events.js';
import { FrameReader, RawConnection } from '../../test/support/raw-http2.js';
import { containerIdOf } from './payload.js';

/**
 * The program's first argument, as JSON. The program prints `subscribing` once all requests are
 * sent, and the number of events received so far for each SIGUSR2.
 */
export interface SubscribersSettings {
  /** Address of Foghorn or containerd. */
  readonly address: string;
  /** Number of subscribers. */
  readonly count: number;
  /** Number of connections that the subscribers are spread over. */
  readonly connections: number;
  readonly interest: 'one container' | 'everything';
  /** Whether the subscribers read nothing until SIGCONT. */
  readonly stuck: boolean;
}

const CALLS_AT_ONCE = 500;
const SUBSCRIBE_PATH = '/containerd.services.events.v1.Events/Subscribe';

/* Subscribers through containerd's Subscribe; the n-th may ask for the n-th container only. */
const { address, count, connections, interest, stuck } = JSON.parse(
  process.argv[2] ?? '',
) as SubscribersSettings;
let arrived = 0;
const all = Array.from({ length: connections }, () => new RawConnection(address));

function subscribe(number: number): () => void {
  const id = containerIdOf(number);
  const filters = interest === 'everything' ? [] : [`event.container_id==${id}`];
  const request = SubscribeRequest.encode({ filters }).finish();
  const connection = all[number % connections];
  const stream = connection?.call(SUBSCRIBE_PATH, request);
  stream?.on('close', () => {
    throw new Error(`subscription ${number} has ended`);
  });
  const frames = new FrameReader();
  return () =>
    stream?.on('data', (bytes: Buffer) => {
      for (const message of frames.push(bytes)) {
        if (interest === 'one container' && !message.includes(id)) {
          throw new Error(`a subscriber of container ${id} got another one's event`);
        }
        arrived += 1;
      }
    });
}

const subscribers: (() => void)[] = [];
for (let number = 0; number < count; number++) {
  // Lets connections begin: a server closes those that are silent for long.
  if (number % CALLS_AT_ONCE === 0) await setImmediate();
  subscribers.push(subscribe(number));
}
function readAll(): void {
  for (const read of subscribers) read();
}

process.on('SIGUSR2', () => {
  console.log(arrived);
});
process.once('SIGTERM', () => process.exit());
// Paused streams do not keep the process alive.
const timer = setInterval(() => undefined, LONGEST_TIMER_MS);
if (stuck) {
  process.once('SIGCONT', () => {
    clearInterval(timer);
    readAll();
  });
} else readAll();
console.log('subscribing');
