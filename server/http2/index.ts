export type {
  CloseReason,
  Http2Connection,
  Http2Server,
  Http2Stream,
  RequestHeaders,
  RequestListener,
  StreamHandler,
} from './api.js';
export { ERROR_CODE } from './error-code.js';
export type { HeaderField } from './header-field.js';
export { DEFAULT_OPTIONS, type Http2Options } from './options.js';
export { FixedResponse, HeaderBlock } from './response.js';
export { createHttp2Server } from './server.js';
export { TLS_OPTIONS } from './tls.js';
