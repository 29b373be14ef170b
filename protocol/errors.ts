import { status } from '@grpc/grpc-js';

/**
 * What can go wrong, as a closed set. Programs decide by code, never by text.
 * Each code has one gRPC status (same name) and one HTTP status, and says whether trying again may help.
 */
const CODES = {
  /** The request can never succeed as it is; the text says what was expected. */
  INVALID_ARGUMENT: { grpc: status.INVALID_ARGUMENT, http: 400, retryable: false },
  /** What the request names does not exist. */
  NOT_FOUND: { grpc: status.NOT_FOUND, http: 404, retryable: false },
  /** Something must be set right first, for example a namespace given or a store repaired. */
  FAILED_PRECONDITION: { grpc: status.FAILED_PRECONDITION, http: 409, retryable: false },
  /** A cursor's place in history is not there any more. */
  OUT_OF_RANGE: { grpc: status.OUT_OF_RANGE, http: 410, retryable: false },
  /** A limit was reached: message size, disk space, filters per subscription. */
  RESOURCE_EXHAUSTED: { grpc: status.RESOURCE_EXHAUSTED, http: 507, retryable: false },
  /** The other side does not offer this call. */
  UNIMPLEMENTED: { grpc: status.UNIMPLEMENTED, http: 501, retryable: false },
  /** Nobody answers there now, or it is shutting down. */
  UNAVAILABLE: { grpc: status.UNAVAILABLE, http: 503, retryable: true },
  /** No answer in the time that the caller gave. */
  DEADLINE_EXCEEDED: { grpc: status.DEADLINE_EXCEEDED, http: 504, retryable: true },
  /** The caller gave up. */
  CANCELLED: { grpc: status.CANCELLED, http: 499, retryable: false },
  /** Stored data is not what was stored. */
  DATA_LOSS: { grpc: status.DATA_LOSS, http: 500, retryable: false },
  /** A defect; the broker's log has more. */
  INTERNAL: { grpc: status.INTERNAL, http: 500, retryable: false },
  /** The other side said something that none of these names. */
  UNKNOWN: { grpc: status.UNKNOWN, http: 500, retryable: false },
} as const;

export type ErrorCode = keyof typeof CODES;

/** The only error class that Foghorn throws on purpose. */
export class FoghornError extends Error {
  override readonly name = 'FoghornError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether the same call may succeed later without a change. */
  get retryable(): boolean {
    return CODES[this.code].retryable;
  }

  /** The gRPC status code, 1 to 16. */
  get grpcStatus(): status {
    return CODES[this.code].grpc;
  }

  /** The HTTP status code, 400 or more. */
  get httpStatus(): number {
    return CODES[this.code].http;
  }
}

/** The code for a gRPC status; `UNKNOWN` for one that is not in the set. */
export function codeOfGrpcStatus(grpcStatus: number): ErrorCode {
  for (const [code, { grpc }] of Object.entries(CODES)) {
    if ((grpc as number) === grpcStatus) return code as ErrorCode;
  }
  return 'UNKNOWN';
}
