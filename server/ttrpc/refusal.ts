import { status } from '@grpc/grpc-js';
import { excerpt } from '../../protocol/excerpt.js';
import { Response } from '../../protos/gen/containerd/ttrpc/ttrpc.js';
import { MAX_DATA_BYTES } from './frame.js';

/** A status other than OK, with containerd's code and text. */
export interface Refusal {
  readonly code: number;
  readonly message: string;
}

export function evenStream(): Refusal {
  return {
    code: status.INVALID_ARGUMENT,
    message: 'StreamID must be odd for client initiated streams',
  };
}

export function oversized(bytes: number): Refusal {
  return {
    code: status.RESOURCE_EXHAUSTED,
    message: `message length ${bytes} exceed maximum message size of ${MAX_DATA_BYTES}`,
  };
}

export function undecodableRequest(error: unknown): Refusal {
  return {
    code: status.INVALID_ARGUMENT,
    message: `unmarshal request error: ${(error as Error).message}`,
  };
}

export function undecodablePayload(error: unknown): Refusal {
  return {
    code: status.INTERNAL,
    message: `ttrpc: error unmarshalling payload: ${(error as Error).message}`,
  };
}

export function unknownService(name: string): Refusal {
  return { code: status.UNIMPLEMENTED, message: `service ${excerpt(name)}` };
}

export function unknownMethod(name: string): Refusal {
  return { code: status.UNIMPLEMENTED, message: `method ${excerpt(name)}` };
}

/** The response that carries a refusal. */
export function encodeRefusal({ code, message }: Refusal): Uint8Array {
  return Response.encode({ status: { code, message }, payload: new Uint8Array(0) }).finish();
}
