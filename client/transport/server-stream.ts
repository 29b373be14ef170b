import type { ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import { connectTimeout, cutError } from './call-error.js';
import type { Connection, Services } from './connection.js';
import { onAbort } from '../on-abort.js';

export interface StreamOptions {
  /** Ends the stream, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Told when the connection that carries the call stands. */
  readonly onConnected?: (() => void) | undefined;
}

/** Milliseconds for a connection to come about. */
export const CONNECT_TIMEOUT = 10_000;

/**
 * The messages of one server-streaming call. Nothing is read ahead beyond what the stream's own
 * small buffer and the flow-control window hold. Leaving the loop early cancels the call; an
 * aborted signal ends the loop without an error; any other failure is thrown as FoghornError.
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
  // Cancelling makes the stream emit an error once more, when nobody iterates it any longer.
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
