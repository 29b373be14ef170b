import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Envelope } from '../../protos/gen/containerd/types/event.js';
import {
  PublishRequest,
  SubscribeRequest,
} from '../../protos/gen/containerd/services/events/v1/events.js';
import { frame, FrameReader } from '../../test/support/raw-http2.js';
import { outOfMemory } from './events.js';
import { PUBLISH, RawClient, SUBSCRIBE } from './raw-client.js';

const EVENT_INTERVAL_MS = 10;
/** Time after which an event that has not been delivered is taken for lost. */
const PATIENCE_MS = 30_000;
const CHECK_INTERVAL_MS = 20;
/** Length of a containerd id. */
const ID_BYTES = 32;

/** Latencies from a publish to its delivery, ms. */
export interface Latency {
  readonly p99: number;
  readonly longest: number;
  readonly delivered: number;
  /** Events that were never delivered. */
  readonly missing: number;
}

/** An ordinary client that publishes 100 events a second, and measures until it receives them. */
export class Bystander {
  readonly #publisher: RawClient;
  readonly #subscriber: RawClient;
  readonly #sent = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #latencies: number[] = [];
  #due = performance.now();

  constructor(socket: string) {
    this.#publisher = new RawClient(socket);
    this.#subscriber = new RawClient(socket);
    this.#subscribe();
    this.begin();
  }

  /** Publishes from now on, and forgets what was measured before. */
  begin(): void {
    this.#latencies = [];
    this.#sent.clear();
    this.#due = performance.now();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      const now = performance.now();
      for (; this.#due <= now; this.#due += EVENT_INTERVAL_MS) this.#publish(now);
    }, EVENT_INTERVAL_MS);
  }

  /** Publishes no more, and resolves once everything is delivered or must be lost. */
  async end(): Promise<Latency> {
    clearInterval(this.#timer);
    const deadline = performance.now() + PATIENCE_MS;
    while (this.#sent.size > 0 && performance.now() < deadline) await delay(CHECK_INTERVAL_MS);
    const sorted = this.#latencies.sort((a, b) => a - b);
    return {
      p99: sorted[Math.floor(sorted.length * 0.99)] ?? Infinity,
      longest: sorted.at(-1) ?? Infinity,
      delivered: sorted.length,
      missing: this.#sent.size,
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
