import { status } from '@grpc/grpc-js';

/**
 * The closed set of failures. Programs decide by code, never by text. Each code has the gRPC status
 * of the same name and one HTTP status, and says whether the same call may succeed later.
 */
const CODES = {
  /** The request can never succeed as it is; the text says what was expected. */
  INVALID_ARGUMENT: { grpc: status.INVALID_ARGUMENT, http: 400, retryable: false },
  /** The request names something that does not exist. */
  NOT_FOUND: { grpc: status.NOT_FOUND, http: 404, retryable: false },
  /** The request creates something that exists. */
  ALREADY_EXISTS: { grpc: status.ALREADY_EXISTS, http: 409, retryable: false },
  /** Something must be set right first: a namespace given, or a store repaired. */
  FAILED_PRECONDITION: { grpc: status.FAILED_PRECONDITION, http: 409, retryable: false },
  /** The end of a run is lost: it is over, and how it ended cannot be known. */
  ABORTED: { grpc: status.ABORTED, http: 409, retryable: false },
  /** The position of a cursor is no longer in the history. */
  OUT_OF_RANGE: { grpc: status.OUT_OF_RANGE, http: 410, retryable: false },
  /** The caller did not prove its identity. */
  UNAUTHENTICATED: { grpc: status.UNAUTHENTICATED, http: 401, retryable: false },
  /** The caller's identity is known but does not have this right. */
  PERMISSION_DENIED: { grpc: status.PERMISSION_DENIED, http: 403, retryable: false },
  /** A limit was reached: message size, disk space, filters per subscription. */
  RESOURCE_EXHAUSTED: { grpc: status.RESOURCE_EXHAUSTED, http: 507, retryable: false },
  /** The peer does not offer this call. */
  UNIMPLEMENTED: { grpc: status.UNIMPLEMENTED, http: 501, retryable: false },
  /** The peer does not answer now, or is shutting down. */
  UNAVAILABLE: { grpc: status.UNAVAILABLE, http: 503, retryable: true },
  /** No answer came within the caller's time. */
  DEADLINE_EXCEEDED: { grpc: status.DEADLINE_EXCEEDED, http: 504, retryable: true },
  /** The caller cancelled the call. */
  CANCELLED: { grpc: status.CANCELLED, http: 499, retryable: false },
  /** Stored data was damaged. */
  DATA_LOSS: { grpc: status.DATA_LOSS, http: 500, retryable: false },
  /** A defect; the broker's log says more. */
  INTERNAL: { grpc: status.INTERNAL, http: 500, retryable: false },
  /** The peer answered with a status outside this set. */
  UNKNOWN: { grpc: status.UNKNOWN, http: 500, retryable: false },
} as const;

export type ErrorCode = keyof typeof CODES;

export const ERROR_CODES = Object.keys(CODES) as readonly ErrorCode[];

const BY_GRPC_STATUS: ReadonlyMap<number, ErrorCode> = new Map(
  ERROR_CODES.map((code) => [CODES[code].grpc, code]),
);

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

  /**
   * Makes an error without a stack trace, for requests that are refused: one message may have
   * thousands, and capturing a stack costs more than checking the request. The Error constructor
   * would capture one, so it is not called.
   */
  static refusal(code: ErrorCode, message: string): FoghornError {
    const own = { value: undefined, enumerable: false, writable: true, configurable: true };
    return Object.create(FoghornError.prototype, {
      name: { ...own, value: 'FoghornError' },
      message: { ...own, value: message },
      stack: { ...own, value: `FoghornError: ${message}` },
      code: { ...own, value: code, enumerable: true },
    }) as FoghornError;
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

/** The code for a gRPC status; `UNKNOWN` for a status that is not in the set. */
export function codeOfGrpcStatus(grpcStatus: number): ErrorCode {
  return BY_GRPC_STATUS.get(grpcStatus) ?? 'UNKNOWN';
}
