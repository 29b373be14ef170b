import { ERROR_CODE } from './error-code.js';

/** An error that ends the connection with GOAWAY (RFC 9113, section 5.4.1). */
export class ConnectionError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

export function protocolError(message: string): ConnectionError {
  return new ConnectionError(ERROR_CODE.PROTOCOL_ERROR, message);
}

export function frameSizeError(message: string): ConnectionError {
  return new ConnectionError(ERROR_CODE.FRAME_SIZE_ERROR, message);
}

export function compressionError(message: string): ConnectionError {
  return new ConnectionError(ERROR_CODE.COMPRESSION_ERROR, message);
}

export function excessiveLoad(message: string): ConnectionError {
  return new ConnectionError(ERROR_CODE.ENHANCE_YOUR_CALM, message);
}
