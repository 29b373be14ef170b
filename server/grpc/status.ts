import { status, type StatusObject } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { FoghornError } from '../../protocol/errors.js';

/** A status travels in a header, percent-encoded, and clients take no more than 64 KiB of those. */
const MAX_DETAILS = 4096;

/** What the client is told of an error. Of one that is not ours it learns nothing but that the log has it. */
export function statusOf(error: unknown, log: Logger): Pick<StatusObject, 'code' | 'details'> {
  if (error instanceof FoghornError) {
    return { code: error.grpcStatus, details: headerText(error.message) };
  }
  log.error({ err: error }, 'a call failed for a reason that nobody foresaw');
  return { code: status.INTERNAL, details: "internal error: the broker's log has more" };
}

/** Cut to size, and well-formed: half of a surrogate pair cannot be encoded. */
function headerText(text: string): string {
  const cut = text.length > MAX_DETAILS ? `${text.slice(0, MAX_DETAILS)}…` : text;
  return Buffer.from(cut).toString();
}
