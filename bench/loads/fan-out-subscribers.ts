import { SubscribeRequest } from '../../protos/gen/services/events/v1/events.js';
import { RawConnection } from '../../test/support/raw-http2.js';
import { MessageCounter } from './message-counter.js';

/**
 * What the program is told, as JSON in its first argument. It tells of what has arrived by a line of JSON for each SIGUSR2, and
 * takes the time from SIGHUP on.
 */
export interface FanOutSettings {
  /** Of Foghorn or of containerd. */
  readonly address: string;
  /** Subscribers, each with a connection of its own. */
  readonly count: number;
}

export interface FanOutReport {
  /** Events that have arrived at all subscribers together, from the first on. */
  readonly total: number;
  /** At the one that has the fewest. */
  readonly fewest: number;
  /** From SIGHUP until the last one arrived. */
  readonly secondsToLast: number;
}

const SUBSCRIBE = '/containerd.services.events.v1.Events/Subscribe';

/*
 * Subscribers that want everything, through containerd's own call, over Node's HTTP/2 alone: with a gRPC library they would be
 * what is measured.
 */
const { address, count } = JSON.parse(process.argv[2] ?? '') as FanOutSettings;
const request = SubscribeRequest.encode({ filters: [] }).finish();
let begun = 0;
let last = 0;

function subscribe(): MessageCounter {
  const stream = new RawConnection(address).call(SUBSCRIBE, request);
  const counter = new MessageCounter();
  stream.on('data', (bytes: Buffer) => {
    counter.push(bytes);
    last = performance.now();
  });
  stream.on('close', () => {
    throw new Error('a subscription has ended');
  });
  return counter;
}

const counters = Array.from({ length: count }, subscribe);

function report(): FanOutReport {
  const counts = counters.map((counter) => counter.count);
  const total = counts.reduce((sum, one) => sum + one, 0);
  return { total, fewest: Math.min(...counts), secondsToLast: (last - begun) / 1000 };
}

process.on('SIGUSR2', () => {
  console.log(JSON.stringify(report()));
});
process.on('SIGHUP', () => {
  begun = performance.now();
  console.log('begun');
});
process.once('SIGTERM', () => process.exit());
console.log('subscribing');
