import { Metadata } from '@grpc/grpc-js';
import type { WaitRequest, WaitResponse } from '../../protos/gen/foghorn/v1/history.js';
import { connectTimeout } from '../transport/call-error.js';
import type { Connection } from '../transport/connection.js';
import { onAbort } from '../on-abort.js';
import { CONNECT_TIMEOUT } from '../transport/server-stream.js';
import { unaryCall } from '../transport/unary-call.js';

/** Milliseconds after which a call is made anew, so that none is forgotten on a dead connection. */
const RENEW_AFTER = 60_000;

/**
 * One call of Wait. Rejects with DEADLINE_EXCEEDED when it is time for the next one, with UNAVAILABLE when it was
 * cut or the connection does not come about, and with CANCELLED when the signal aborts.
 */
export async function waitCall(
  connection: Connection,
  request: WaitRequest,
  signal: AbortSignal,
  onConnected: () => void,
): Promise<WaitResponse> {
  const { services } = connection;
  const cut = new AbortController();
  const attempt = { timedOut: false };
  const timer = setTimeout(() => {
    attempt.timedOut = true;
    cut.abort();
  }, CONNECT_TIMEOUT);
  const stopWaiting = connection.whenConnected(services, () => {
    clearTimeout(timer);
    onConnected();
  });
  const stopListening = onAbort(signal, () => {
    cut.abort();
  });
  try {
    const limits = { signal: cut.signal, timeout: RENEW_AFTER };
    return await unaryCall(connection, limits, ({ history }, options, callback) =>
      history.wait(request, new Metadata(), options, callback),
    );
  } catch (error) {
    if (!attempt.timedOut) throw error;
    connection.replace(services);
    throw connectTimeout(connection.peer);
  } finally {
    clearTimeout(timer);
    stopWaiting();
    stopListening();
  }
}
