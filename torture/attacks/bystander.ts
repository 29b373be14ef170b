import { randomBytes } from 'node:crypto';
import { Envelope } from '../../protos/gen/types/event.js';
import { PublishRequest, SubscribeRequest } from '../../protos/gen/services/events/v1/events.js';
import { frame, FrameReader } from '../../test/support/raw-http2.js';
import { outOfMemory } from './events.js';
import { PUBLISH, RawClient, SUBSCRIBE } from './raw-client.js';

const EVENT_INTERVAL_MS = 10;
/** Length of a containerd id. */
const ID_BYTES = 32;

/** Latencies from a publish to its delivery, ms. */
export interface Latency {
  readonly p99: number;
  /** Longest latency, also of events that are not delivered yet. */
  readonly longest: number;
  readonly delivered: number;
  readonly missing: number;
}

/** An ordinary client that publishes 100 events a second, and measures until it receives them. */
export class Bystander {
  readonly #publisher: RawClient;
  readonly #subscriber: RawClient;
  readonly #sent = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #latencies: number[] = [];
  #due = performance.now();

  constructor(socket: string) {
    this.#publisher = new RawClient(socket);
    this.#subscriber = new RawClient(socket);
    this.#subscribe();
    this.#timer = setInterval(() => {
      const now = performance.now();
      for (; this.#due <= now; this.#due += EVENT_INTERVAL_MS) this.#publish(now);
    }, EVENT_INTERVAL_MS);
  }

  /** Forgets what was measured before. */
  begin(): void {
    this.#latencies = [];
    this.#sent.clear();
  }

  end(): Latency {
    const now = performance.now();
    const pending = [...this.#sent.values()].map((sentAt) => now - sentAt);
    const sorted = [...this.#latencies, ...pending].sort((a, b) => a - b);
    return {
      p99: sorted[Math.floor(sorted.length * 0.99)] ?? Infinity,
      longest: sorted.at(-1) ?? Infinity,
      delivered: this.#latencies.length,
      missing: pending.filter((age) => age > 1000).length,
    };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#publisher.close();
    this.#subscriber.close();
  }

  #subscribe(): void {
    const stream = this.#subscriber.open(SUBSCRIBE);
    const frames = new FrameReader();
    stream.on('data', (bytes: Buffer) => {
      for (const message of frames.push(bytes)) this.#receive(Envelope.decode(message).topic);
    });
    stream.end(frame(SubscribeRequest.encode({ filters: ['namespace==bystander'] }).finish()));
  }

  #receive(topic: string): void {
    const sentAt = this.#sent.get(topic);
    if (sentAt === undefined) return;
    this.#sent.delete(topic);
    this.#latencies.push(performance.now() - sentAt);
  }

  #publish(now: number): void {
    const id = randomBytes(ID_BYTES).toString('hex');
    const topic = `/bystander/${id}`;
    this.#sent.set(topic, now);
    const message = PublishRequest.encode({ topic, event: outOfMemory(id) }).finish();
    void this.#publisher.call(PUBLISH, message, 'bystander');
  }
}
