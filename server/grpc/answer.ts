import type { sendUnaryData } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { statusOf } from './status.js';

/** Answers a unary call with what a promise comes to. */
export function answer<Response>(
  response: Promise<Response>,
  callback: sendUnaryData<Response>,
  log: Logger,
): void {
  response.then(
    (value) => {
      callback(null, value);
    },
    (error: unknown) => {
      callback(statusOf(error, log));
    },
  );
}
