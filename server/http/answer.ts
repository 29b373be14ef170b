import type { ServerResponse } from 'node:http';
import type { FoghornError } from '../../protocol/errors.js';

const MS_PER_SECOND = 1000;

/** Sends a complete answer as JSON. */
export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  sendText(response, status, 'application/json', `${JSON.stringify(body)}\n`);
}

/** Sends a complete answer. */
export function sendText(
  response: ServerResponse,
  status: number,
  contentType: string,
  text: string,
): void {
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** Answers with an error, and with how long to wait where that helps. */
export function sendFailure(response: ServerResponse, error: FoghornError): void {
  setRetryAfter(response, error);
  sendJson(response, errorBody(error), error.httpStatus);
}

/** Sets the header that asks for a pause. */
export function setRetryAfter(response: ServerResponse, error: FoghornError): void {
  const pause = retryAfter(error);
  if (pause !== undefined) response.setHeader('Retry-After', pause);
}

/** The pause that an error asks for, in whole seconds. */
export function retryAfter({ retryAfterMs }: FoghornError): string | undefined {
  return retryAfterMs === undefined ? undefined : String(Math.ceil(retryAfterMs / MS_PER_SECOND));
}

/** The body of an answer that refuses a request. Programs decide by the code, never by the text. */
export function errorBody({ code, message }: FoghornError): { code: string; message: string } {
  return { code, message };
}
