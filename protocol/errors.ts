interface CodeProperties {
  readonly grpc: number;
  readonly http: number;
  readonly retryable: boolean;
}

/**
 * The closed set of failures. Programs decide by code, never by text. Each code has the gRPC status
 * of the same name and one HTTP status, and says whether the same call may succeed later. The
 * numbers stand here so that a program without gRPC does not load its library.
 */
const CODES = {
  /** The request can never succeed as it is; the text says what was expected. */
  INVALID_ARGUMENT: { grpc: 3, http: 400, retryable: false },
  /** The request names something that does not exist. */
  NOT_FOUND: { grpc: 5, http: 404, retryable: false },
  /** The request creates something that exists. */
  ALREADY_EXISTS: { grpc: 6, http: 409, retryable: false },
  /** Something must be set right first: a namespace given, or a store repaired. */
  FAILED_PRECONDITION: { grpc: 9, http: 409, retryable: false },
  /** The end of a run is lost: it is over, and how it ended cannot be known. */
  ABORTED: { grpc: 10, http: 409, retryable: false },
  /** The position of a cursor is no longer in the history. */
  OUT_OF_RANGE: { grpc: 11, http: 410, retryable: false },
  /** The caller did not prove its identity. */
  UNAUTHENTICATED: { grpc: 16, http: 401, retryable: false },
  /** The caller's identity is known but does not have this right. */
  PERMISSION_DENIED: { grpc: 7, http: 403, retryable: false },
  /** A limit was reached: message size, disk space, filters per subscription. */
  RESOURCE_EXHAUSTED: { grpc: 8, http: 507, retryable: false },
  /** The peer does not offer this call. */
  UNIMPLEMENTED: { grpc: 12, http: 501, retryable: false },
  /** The peer does not answer now, or is shutting down. */
  UNAVAILABLE: { grpc: 14, http: 503, retryable: true },
  /** No answer came within the caller's time. */
  DEADLINE_EXCEEDED: { grpc: 4, http: 504, retryable: true },
  /** The caller cancelled the call. */
  CANCELLED: { grpc: 1, http: 499, retryable: false },
  /** Stored data was damaged. */
  DATA_LOSS: { grpc: 15, http: 500, retryable: false },
  /** A defect; the broker's log says more. */
  INTERNAL: { grpc: 13, http: 500, retryable: false },
  /** The peer answered with a status outside this set. */
  UNKNOWN: { grpc: 2, http: 500, retryable: false },
} as const satisfies Readonly<Record<string, CodeProperties>>;

/** The HTTP status of a limit that a pause lifts. */
const TOO_MANY_REQUESTS = 429;

export type ErrorCode = keyof typeof CODES;

export const ERROR_CODES = Object.keys(CODES) as readonly ErrorCode[];

const BY_GRPC_STATUS: ReadonlyMap<number, ErrorCode> = new Map(
  ERROR_CODES.map((code) => [CODES[code].grpc, code]),
);

/** The only error class that Foghorn throws on purpose. */
export class FoghornError extends Error {
  override readonly name = 'FoghornError';
  /** Milliseconds after which the same call may succeed. Absent where a pause does not help. */
  declare readonly retryAfterMs?: number;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions & { readonly retryAfterMs?: number | undefined },
  ) {
    super(message, options);
    // Declared only, because errors without it must not have the property.
    if (options?.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }

  /**
   * Makes an error without a stack trace, for requests that are refused: one message may have
   * thousands, and capturing a stack costs more than checking the request. The Error constructor
   * would capture one, so it is not called.
   */
  static refusal(code: ErrorCode, message: string, retryAfterMs?: number): FoghornError {
    const own = { value: undefined, enumerable: false, writable: true, configurable: true };
    return Object.create(FoghornError.prototype, {
      name: { ...own, value: 'FoghornError' },
      message: { ...own, value: message },
      stack: { ...own, value: `FoghornError: ${message}` },
      code: { ...own, value: code, enumerable: true },
      ...(retryAfterMs !== undefined && {
        retryAfterMs: { ...own, value: retryAfterMs, enumerable: true },
      }),
    }) as FoghornError;
  }

  /** Whether the same call may succeed later without a change. */
  get retryable(): boolean {
    return this.retryAfterMs !== undefined || CODES[this.code].retryable;
  }

  /** The gRPC status code, 1 to 16. */
  get grpcStatus(): number {
    return CODES[this.code].grpc;
  }

  /** The HTTP status code, 400 or more. */
  get httpStatus(): number {
    return this.retryAfterMs === undefined ? CODES[this.code].http : TOO_MANY_REQUESTS;
  }
}

/** The code for a gRPC status; `UNKNOWN` for a status that is not in the set. */
export function codeOfGrpcStatus(grpcStatus: number): ErrorCode {
  return BY_GRPC_STATUS.get(grpcStatus) ?? 'UNKNOWN';
}
