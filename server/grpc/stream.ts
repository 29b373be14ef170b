import { Metadata } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import type { MessageSource, ServerStreamMethod } from '../services/service.js';
import {
  frameWriter,
  type ByteStreamCall,
  type FrameCache,
  type FrameWriter,
} from './frame-writer.js';
import { GrpcJsCall } from './grpc-js-call.js';
import { statusOf } from './status.js';

/** State that the streams of one edge share. */
export interface StreamContext {
  readonly frames: FrameCache;
  readonly log: Logger;
}

/**
 * Carries a stream of responses to a client: headers once the stream has begun, messages at the
 * client's pace, then status OK. An error becomes the call's status.
 */
export async function streamTo(
  call: ByteStreamCall,
  method: ServerStreamMethod,
  { frames, log }: StreamContext,
): Promise<void> {
  try {
    const source = await method.open(call.request, new GrpcJsCall(call));
    if (call.cancelled || call.destroyed) source.close();
    else {
      call.sendMetadata(new Metadata());
      new Carrier(call, source, method, frameWriter(call, frames), log).carry();
    }
  } catch (error) {
    call.emit('error', statusOf(error, log));
  }
}

/**
 * Waits without promises: an idle stream holds little memory, and a delivery costs no more than
 * its write.
 */
class Carrier {
  #isFull = false;

  constructor(
    private readonly call: ByteStreamCall,
    private readonly source: MessageSource<unknown>,
    private readonly method: ServerStreamMethod,
    private readonly writer: FrameWriter,
    private readonly log: Logger,
  ) {
    source.onReady = () => {
      if (!this.#isFull) this.carry();
    };
    // Comes after a cancel as well as after an end.
    call.on('close', () => {
      source.close();
    });
  }

  /** Writes as many messages as there are and as there is room for. */
  carry(): void {
    const { call, source, method } = this;
    try {
      while (!this.#isFull) {
        const message = source.take();
        if (message === undefined) break;
        this.#isFull = !this.writer.write(method.encode(message), this.#onRoom);
      }
      if (source.closed && !this.#isFull) call.end();
    } catch (error) {
      // So that the close does not end the call with status OK.
      source.onReady = () => undefined;
      source.close();
      call.emit('error', statusOf(error, this.log));
    }
  }

  readonly #onRoom = (): void => {
    this.#isFull = false;
    this.carry();
  };
}
