import { setTimeout as delay } from 'node:timers/promises';
import { credentials, Metadata } from '@grpc/grpc-js';
import { backoffDelay } from '../../client/backoff.js';
import { callError } from '../../client/transport/call-error.js';
import { connect, events, FoghornError } from '../../client/index.js';
import type { Any } from '../../client/index.js';
import { EventsClient } from '../../protos/gen/containerd/services/events/v1/events.js';

export const TOPIC = '/tasks/exit';
export const NAMESPACE = 'default';

/** A way to publish an event. */
export interface Line {
  publish(event: Any): Promise<void>;
  close(): Promise<void>;
}

/** Publishes with the client library. */
export function libraryLine(address: string): Line {
  const client = connect({ address, namespace: NAMESPACE });
  return {
    publish: async (event) => {
      await client.publish({ topic: TOPIC, event });
    },
    close: () => client.close(),
  };
}

/** Publishes with plain gRPC calls. */
export function rawLine(address: string): Line {
  const client = new EventsClient(address, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 500,
  });
  const metadata = new Metadata();
  metadata.set('containerd-namespace', NAMESPACE);
  const peer = { address, daemon: 'foghorn serve' };
  return {
    publish: (event) =>
      new Promise((resolve, reject) => {
        client.publish({ topic: TOPIC, event }, metadata, (error) => {
          if (error) reject(callError(error, peer));
          else resolve();
        });
      }),
    close: () => {
      client.close();
      return Promise.resolve();
    },
  };
}

/**
 * Publishes events with rising numbers in batches. The next batch begins when every event of the
 * last one was answered or has failed. An event that failed is not published again.
 */
export class Publisher {
  /** Numbers of the acknowledged events. */
  readonly acknowledged = new Set<number>();
  #number = 0;
  #batch = 0;

  constructor(
    /** Container id of all its events. */
    readonly name: string,
    private readonly line: Line,
    private readonly batchSize: number,
    /** Bytes of padding in each event. */
    private readonly padding = 0,
  ) {}

  /**
   * Publishes until the signal aborts, however often the broker goes away.
   *
   * @throws FoghornError when the broker refuses an event
   */
  async run(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted;) {
      const whole = await this.publishBatch();
      failures = whole ? 0 : failures + 1;
      if (!whole) await delay(Math.min(100, backoffDelay(failures, Math.random())));
    }
  }

  /** Publishes one batch; resolves with whether all of it was acknowledged. */
  async publishBatch(): Promise<boolean> {
    this.#batch += 1;
    const numbers = Array.from({ length: this.batchSize }, () => ++this.#number);
    const answers = await Promise.all(numbers.map((number) => this.#publish(number)));
    return answers.every((acknowledged) => acknowledged);
  }

  async #publish(number: number): Promise<boolean> {
    const payload = { containerId: this.name, exitStatus: number, pid: this.#batch };
    const exit = events.TaskExit.fromPartial({ ...payload, id: 'x'.repeat(this.padding) });
    const value = Buffer.from(events.TaskExit.encode(exit).finish());
    try {
      await this.line.publish({ typeUrl: 'containerd.events.TaskExit', value });
    } catch (error) {
      if (error instanceof FoghornError && (error.retryable || error.code === 'CANCELLED')) {
        return false;
      }
      throw error;
    }
    this.acknowledged.add(number);
    return true;
  }
}
