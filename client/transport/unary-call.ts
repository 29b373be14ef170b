import type { CallOptions, ClientUnaryCall, ServiceError } from '@grpc/grpc-js';
import { FoghornError } from '../../protocol/errors.js';
import { callError, cutError } from './call-error.js';
import type { Connection, Services } from './connection.js';
import { onAbort } from '../on-abort.js';

/** The limits of one call. */
export interface CallLimits {
  /** Cancels the call, which rejects with CANCELLED. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole call, connecting included; 10,000 unless given. */
  readonly timeout?: number | undefined;
}

/** Milliseconds for a call without a timeout of its own. */
export const DEFAULT_TIMEOUT = 10_000;

/** Makes one unary call. Rejects with a FoghornError. */
export async function unaryCall<Response>(
  connection: Connection,
  { signal, timeout = DEFAULT_TIMEOUT }: CallLimits,
  start: (
    services: Services,
    options: CallOptions,
    callback: (error: ServiceError | null, response: Response) => void,
  ) => ClientUnaryCall,
): Promise<Response> {
  if (signal?.aborted) throw new FoghornError('CANCELLED', 'the call was given up before it began');
  const { services } = connection;
  let stopListening = () => {};
  try {
    return await new Promise<Response>((resolve, reject) => {
      const call = start(services, { deadline: Date.now() + timeout }, (error, response) => {
        if (!error) {
          connection.wasReached = true;
          resolve(response);
          return;
        }
        const failure = (signal?.aborted ? callError : cutError)(error, connection.peer);
        if (failure.code === 'UNAVAILABLE') connection.replace(services);
        reject(failure);
      });
      stopListening = onAbort(signal, () => {
        call.cancel();
      });
    });
  } finally {
    stopListening();
  }
}
