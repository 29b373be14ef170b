import { status, type StatusObject } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { FoghornError } from '../../protos/errors.js';

/** What the client is told of an error. Of one that is not ours it learns nothing but that the log has it. */
export function statusOf(error: unknown, log: Logger): Partial<StatusObject> {
  if (error instanceof FoghornError) return { code: error.grpcStatus, details: error.message };
  log.error({ err: error }, 'a call failed for a reason that nobody foresaw');
  return { code: status.INTERNAL, details: "internal error: the broker's log has more" };
}
