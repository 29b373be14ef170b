import { status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { FoghornError, codeOfGrpcStatus } from '../../protocol/errors.js';
import { decodeRetryInfo, STATUS_DETAILS_KEY } from '../../protocol/wire/retry-info.js';

/** The peer that should listen at an address, for error texts. */
export interface Peer {
  /** ADDR, as the user wrote it. */
  readonly address: string;
  /** The command that listens there, for example `foghorn serve`. */
  readonly daemon: string;
}

/**
 * The FoghornError for the end of a call: the peer's own code and text, or the reason why there was
 * no connection.
 */
export function callError(error: ServiceError, peer: Peer): FoghornError {
  const unreachable = reasonUnreachable(error, peer);
  return new FoghornError(
    codeOfGrpcStatus(error.code),
    unreachable === undefined ? error.details : `cannot reach ${peer.address}: ${unreachable}`,
    { cause: error, retryAfterMs: pauseAskedFor(error) },
  );
}

function pauseAskedFor({ metadata }: ServiceError): number | undefined {
  const [details] = metadata.get(STATUS_DETAILS_KEY);
  return details instanceof Buffer ? decodeRetryInfo(details) : undefined;
}

/**
 * The error of a call that was not cancelled here. CANCELLED then comes from the peer, as servers
 * do with calls that outlast their own end. A reset stream is not an answer of the peer either;
 * grpc-js turns the error of a socket that breaks during a write into INTERNAL.
 */
export function cutError(error: ServiceError, peer: Peer): FoghornError {
  const failure = callError(error, peer);
  const wasReset = failure.code === 'INTERNAL' && failure.message.startsWith('Received RST_STREAM');
  if (failure.code !== 'CANCELLED' && !wasReset) return failure;
  return new FoghornError('UNAVAILABLE', 'the call was cut', { cause: failure });
}

/** The error for a connection that is neither made nor refused in time. */
export function connectTimeout({ address, daemon }: Peer): FoghornError {
  return new FoghornError(
    'UNAVAILABLE',
    `cannot reach ${address}: is \`${daemon}\` running? (no answer to the attempt to connect)`,
  );
}

/** grpc-js distinguishes a missing connection from a peer's answer only by its text. */
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
  if (cause.includes('ECONNRESET')) {
    return `${question} (the peer closed the connection at once, as a server does that speaks no gRPC)`;
  }
  if (/EACCES|EPERM/.test(cause))
    return 'permission denied (the socket is for its owner and group)';
  return `${question} (${cause.replace(/^Error: /, '')})`;
}
