import type { ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import { FoghornError } from '../protos/errors.js';
import { callError, connectTimeout } from './call-error.js';
import { whenConnected } from './connection.js';
import type { Connection, Services } from './connection.js';

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
  signal?.addEventListener('abort', cancel, { once: true });
  const attempt = { timedOut: false };
  const timer = setTimeout(() => {
    attempt.timedOut = true;
    cancel();
  }, CONNECT_TIMEOUT);
  const stopWaiting = whenConnected(services, () => {
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
      : streamError(error as ServiceError, connection);
    if (failure.code === 'UNAVAILABLE') connection.replace(services);
    throw failure;
  } finally {
    clearTimeout(timer);
    stopWaiting();
    signal?.removeEventListener('abort', cancel);
    cancel();
  }
}

/** Nobody here has cancelled, so the peer did, as servers do with calls that outlast their own end. */
function streamError(error: ServiceError, { peer }: Connection): FoghornError {
  const failure = callError(error, peer);
  if (failure.code !== 'CANCELLED') return failure;
  return new FoghornError('UNAVAILABLE', 'the stream was cut', { cause: failure });
}
