import { status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { FoghornError, codeOfGrpcStatus } from '../../protocol/errors.js';

/** Who should be listening at an address, for texts about nobody answering there. */
export interface Peer {
  /** ADDR, as the user wrote it. */
  readonly address: string;
  /** The command that listens there, for example `foghorn serve`. */
  readonly daemon: string;
}

/**
 * The FoghornError for what a call ended with: the peer's own text and code, or, when there was
 * no connection, why.
 */
export function callError(error: ServiceError, peer: Peer): FoghornError {
  const unreachable = reasonUnreachable(error, peer);
  return new FoghornError(
    codeOfGrpcStatus(error.code),
    unreachable === undefined ? error.details : `cannot reach ${peer.address}: ${unreachable}`,
    { cause: error },
  );
}

/**
 * The error that ended a call which nobody here had cancelled: CANCELLED means that the peer did, as servers do
 * with calls that outlast their own end. A reset stream is no answer of the peer either; grpc-js makes INTERNAL
 * of what a socket tells that breaks during a write.
 */
export function cutError(error: ServiceError, peer: Peer): FoghornError {
  const failure = callError(error, peer);
  const wasReset = failure.code === 'INTERNAL' && failure.message.startsWith('Received RST_STREAM');
  if (failure.code !== 'CANCELLED' && !wasReset) return failure;
  return new FoghornError('UNAVAILABLE', 'the call was cut', { cause: failure });
}

/** The error for a connection that does not come about while nothing fails either. */
export function connectTimeout({ address, daemon }: Peer): FoghornError {
  return new FoghornError(
    'UNAVAILABLE',
    `cannot reach ${address}: is \`${daemon}\` running? (no answer to the attempt to connect)`,
  );
}

/** grpc-js tells a missing connection from a peer's answer by its text alone. */
function reasonUnreachable({ code, details }: ServiceError, { daemon }: Peer): string | undefined {
  const question = `is \`${daemon}\` running?`;
  if (code === status.DEADLINE_EXCEEDED && details.includes('Waiting for LB pick')) {
    return `${question} (no answer to the attempt to connect)`;
  }
  if (code !== status.UNAVAILABLE) return undefined;
  if (details.startsWith('Name resolution failed')) return 'no such host';
  const [, cause] =
    /^No connection established(?:\. Last error: (.*?)\. Resolution note:.*)?$/s.exec(details) ??
    [];
  if (cause === undefined)
    return details.startsWith('No connection established') ? question : undefined;
  if (cause.includes('ENOENT')) return `${question} (no such socket)`;
  if (cause.includes('ECONNREFUSED')) return `${question} (connection refused)`;
  if (/EACCES|EPERM/.test(cause))
    return 'permission denied (the socket is for its owner and group)';
  return `${question} (${cause.replace(/^Error: /, '')})`;
}
