import type { CallOptions, ClientUnaryCall, ServiceError } from '@grpc/grpc-js';
import { FoghornError } from '../protos/errors.js';
import { callError } from './call-error.js';
import type { Connection, Services } from './connection.js';

/** How long to wait for one call, and how to give it up. */
export interface CallLimits {
  /** Gives the call up; it rejects with CANCELLED. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the whole call, connecting included; 10,000 unless given. */
  readonly timeout?: number | undefined;
}

const DEFAULT_TIMEOUT = 10_000;

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
  let cancel = () => {};
  try {
    return await new Promise<Response>((resolve, reject) => {
      const call = start(services, { deadline: Date.now() + timeout }, (error, response) => {
        if (!error) {
          resolve(response);
          return;
        }
        const failure = callError(error, connection.peer);
        if (failure.code === 'UNAVAILABLE') connection.replace(services);
        reject(failure);
      });
      cancel = () => {
        call.cancel();
      };
      signal?.addEventListener('abort', cancel, { once: true });
    });
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}
