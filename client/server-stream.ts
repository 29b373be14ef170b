import type { Client, ClientReadableStream } from '@grpc/grpc-js';
import { FoghornError } from '../protos/errors.js';
import { callError, connectTimeout } from './call-error.js';
import type { Peer } from './call-error.js';

export interface StreamOptions {
  /** Ends the stream, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Told when the connection that carries the call stands. */
  readonly onConnected?: (() => void) | undefined;
}

const CONNECT_TIMEOUT = 10_000;

/**
 * The messages of one server-streaming call. Nothing is read ahead beyond what the stream's own
 * small buffer and the flow-control window hold. Leaving the loop early cancels the call; an
 * aborted signal ends the loop without an error; any other failure is thrown as FoghornError.
 */
export async function* serverStream<Message>(
  client: Client,
  peer: Peer,
  { signal, onConnected }: StreamOptions,
  start: () => ClientReadableStream<Message>,
): AsyncGenerator<Message, void, void> {
  if (signal?.aborted) return;
  const call = start();
  const cancel = () => {
    call.cancel();
  };
  // Cancelling makes the stream emit an error once more, when nobody iterates it any longer.
  call.on('error', () => {});
  signal?.addEventListener('abort', cancel, { once: true });
  const connecting = { over: false, timedOut: false };
  client.waitForReady(Date.now() + CONNECT_TIMEOUT, (error) => {
    if (connecting.over) return;
    if (!error) {
      onConnected?.();
    } else {
      connecting.timedOut = true;
      cancel();
    }
  });
  try {
    for await (const message of call as AsyncIterable<Message>) {
      yield message;
      if (signal?.aborted) return;
    }
  } catch (error) {
    if (signal?.aborted) return;
    throw connecting.timedOut ? connectTimeout(peer) : streamError(error, peer);
  } finally {
    connecting.over = true;
    signal?.removeEventListener('abort', cancel);
    cancel();
  }
}

/** Nobody here has cancelled, so the peer did, as servers do with calls that outlast their own end. */
function streamError(error: unknown, peer: Peer): Error {
  const cause = callError(error, peer);
  if (!(cause instanceof FoghornError) || cause.code !== 'CANCELLED') return cause;
  return new FoghornError('UNAVAILABLE', 'the stream was cut', { cause });
}
