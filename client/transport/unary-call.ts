import type { CallOptions, ClientUnaryCall, ServiceError } from '@grpc/grpc-js';
import { FoghornError } from '../../protocol/errors.js';
import { callError, cutError } from './call-error.js';
import type { Connection, Services } from './connection.js';
import { onAbort } from '../on-abort.js';

/** How long to wait for one call, and how to give it up. */
export interface CallLimits {
  /** Gives the call up; it rejects with CANCELLED. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole call, connecting included; 10,000 unless given. */
  readonly timeout?: number | undefined;
}

/** Milliseconds for a call, unless its limits say otherwise. */
export const DEFAULT_TIMEOUT = 10_000;

/** Runs one unary call to its answer, or to a FoghornError. */
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
