import { Metadata } from '@grpc/grpc-js';
import type { WaitRequest, WaitResponse } from '../../protos/gen/foghorn/v1/history.js';
import { connectTimeout } from '../transport/call-error.js';
import type { Connection } from '../transport/connection.js';
import { onAbort } from '../on-abort.js';
import { CONNECT_TIMEOUT } from '../transport/server-stream.js';
import { unaryCall } from '../transport/unary-call.js';

/** Milliseconds after which a call is renewed, because a dead connection could hide its answer. */
const RENEW_AFTER = 60_000;

/**
 * Makes one call of Wait. Rejects with DEADLINE_EXCEEDED when the call must be renewed, with
 * UNAVAILABLE when it is cut or the connection cannot be made, and with CANCELLED when the signal
 * aborts.
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
