import { Metadata } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { frameWriter, type ByteStreamCall } from './frame-writer.js';
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
  subscribe: (signal: AbortSignal) => Promise<AsyncIterable<Message>>,
  shape: StreamShape<Message>,
  log: Logger,
): Promise<void> {
  const gone = new AbortController();
  const leave = (): void => {
    gone.abort();
  };
  call.once('cancelled', leave);
  call.once('close', leave);
  try {
    const subscription = await subscribe(gone.signal);
    call.sendMetadata(new Metadata());
    const writer = frameWriter(call);
    for await (const message of subscription) await writer.write(shape.encode(message));
    call.end();
  } catch (error) {
    call.emit('error', statusOf(error, log));
  } finally {
    gone.abort();
  }
}
