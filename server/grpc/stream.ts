import { Metadata } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import type { MessageSource } from '../broker/message-source.js';
import { frameWriter, type ByteStreamCall, type FrameWriter } from './frame-writer.js';
import { statusOf } from './status.js';

/** How one API shows a subscription's messages. */
export interface StreamShape<Message> {
  /** The encoded messages that stand for this one; none if this API has no word for it. */
  encode(message: Message): readonly Uint8Array[];
}

/**
 * Carries a subscription to a client: headers as soon as the subscription is live or reading, then whatever it delivers at
 * the client's pace, then status OK. An error before the first message becomes the call's status.
 */
export async function streamTo<Message>(
  call: ByteStreamCall,
  subscribe: () => Promise<MessageSource<Message>>,
  shape: StreamShape<Message>,
  log: Logger,
): Promise<void> {
  try {
    const source = await subscribe();
    if (call.cancelled || call.destroyed) source.close();
    else {
      call.sendMetadata(new Metadata());
      new Carrier(call, source, shape, log).carry();
    }
  } catch (error) {
    call.emit('error', statusOf(error, log));
  }
}

/** Nothing that waits here is a promise: an idle subscription holds little, and a delivery costs no more than its write. */
class Carrier<Message> {
  readonly #writer: FrameWriter;
  #isFull = false;

  constructor(
    private readonly call: ByteStreamCall,
    private readonly source: MessageSource<Message>,
    private readonly shape: StreamShape<Message>,
    private readonly log: Logger,
  ) {
    this.#writer = frameWriter(call);
    source.onReady = () => {
      if (!this.#isFull) this.carry();
    };
    // After a cancel as after an end.
    call.on('close', () => {
      source.close();
    });
  }

  /** Writes as much as there is and as there is room for. */
  carry(): void {
    const { call, source, shape } = this;
    try {
      while (!this.#isFull) {
        const message = source.take();
        if (message === undefined) break;
        this.#isFull = !this.#writer.write(shape.encode(message), this.#onRoom);
      }
      if (source.closed && !this.#isFull) call.end();
    } catch (error) {
      source.close();
      call.emit('error', statusOf(error, this.log));
    }
  }

  readonly #onRoom = (): void => {
    this.#isFull = false;
    this.carry();
  };
}
