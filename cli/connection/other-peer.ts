import { peerAt } from '../../bridge/peer-at.js';
import { FoghornError } from '../../protocol/errors.js';

/**
 * The error for a user whose address names another server than Foghorn: says what that server seems
 * to be. Returns other errors as they are.
 */
export async function explainPeer(error: unknown, address: string): Promise<unknown> {
  if (!(error instanceof FoghornError)) return error;
  if (error.code === 'UNIMPLEMENTED' && error.message.includes('unknown service foghorn.')) {
    return notFoghorn('containerd, or another gRPC server', error, address);
  }
  if (error.code !== 'UNAVAILABLE' || !SPEAKS_NO_GRPC.test(error.message)) return error;
  const seen = await peerAt(address);
  return seen === undefined ? error : notFoghorn(seen, error, address);
}

/** Failures to connect to a peer that has taken the connection. */
const SPEAKS_NO_GRPC = /protocol error|speaks no gRPC|failed to connect|no answer to the attempt/i;

function notFoghorn(peer: string, cause: FoghornError, address: string): FoghornError {
  const text = `${address} is the address of ${peer}, not of Foghorn's gRPC API`;
  return new FoghornError(cause.code, text, { cause });
}
