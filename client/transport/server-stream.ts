import type { ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import { connectTimeout, cutError } from './call-error.js';
import type { Connection, Services } from './connection.js';
import { onAbort } from '../on-abort.js';

export interface StreamOptions {
  /** Ends the stream, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Called when the connection of the call is established. */
  readonly onConnected?: (() => void) | undefined;
}

/** Milliseconds in which a connection must be made. */
export const CONNECT_TIMEOUT = 10_000;

/**
 * Yields the messages of one server-streaming call. Reads no further ahead than the stream's small
 * buffer and the flow-control window. Leaving the loop early cancels the call, an aborted signal
 * ends the loop without an error, and other failures are thrown as FoghornError.
 */
export async function* serverStream<Message>(
  connection: Connection,
  { signal, onConnected }: StreamOptions,
  start: (services: Services) => ClientReadableStream<Message>,
): AsyncGenerator<Message, void, void> {
  if (signal?.aborted) return;
  const { services } = connection;
  const call = start(services);
  const cancel = () => {
    call.cancel();
  };
  // Cancelling makes the stream emit an error after the iteration has ended.
  call.on('error', () => {});
  const stopListening = onAbort(signal, cancel);
  const attempt = { timedOut: false };
  const timer = setTimeout(() => {
    attempt.timedOut = true;
    cancel();
  }, CONNECT_TIMEOUT);
  const stopWaiting = connection.whenConnected(services, () => {
    clearTimeout(timer);
    onConnected?.();
  });
  try {
    for await (const message of call as AsyncIterable<Message>) {
      yield message;
      if (signal?.aborted) return;
    }
  } catch (error) {
    if (signal?.aborted) return;
    const failure = attempt.timedOut
      ? connectTimeout(connection.peer)
      : cutError(error as ServiceError, connection.peer);
    if (failure.code === 'UNAVAILABLE') connection.replace(services);
    throw failure;
  } finally {
    clearTimeout(timer);
    stopWaiting();
    stopListening();
    cancel();
  }
}
