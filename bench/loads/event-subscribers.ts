import { LONGEST_TIMER_MS } from '../../protocol/clock.js';
import { SubscribeRequest } from '../../protos/gen/services/events/v1/events.js';
import { FrameReader, RawConnection } from '../../test/support/raw-http2.js';
import { containerIdOf } from './payload.js';

/**
 * What the program is told, as JSON in its first argument. It prints `subscribing` when everything is sent, and the number of
 * events that have arrived so far for each SIGUSR2.
 */
export interface SubscribersSettings {
  /** Of Foghorn or of containerd. */
  readonly address: string;
  readonly count: number;
  /** Over which they are spread. */
  readonly connections: number;
  readonly interest: 'one container' | 'everything';
  /** Whether they read nothing until SIGCONT. */
  readonly stuck: boolean;
}

const SUBSCRIBE = '/containerd.services.events.v1.Events/Subscribe';

/* Subscribers, the n-th of which wants the events of the n-th container, through containerd's own call. */
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
  const stream = connection?.call(SUBSCRIBE, request);
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

const subscribers = Array.from({ length: count }, (_, number) => subscribe(number));
function readAll(): void {
  for (const read of subscribers) read();
}

process.on('SIGUSR2', () => {
  console.log(arrived);
});
process.once('SIGTERM', () => process.exit());
// Streams that are not read keep no process running.
const timer = setInterval(() => undefined, LONGEST_TIMER_MS);
if (stuck) {
  process.once('SIGCONT', () => {
    clearInterval(timer);
    readAll();
  });
} else readAll();
console.log('subscribing');
