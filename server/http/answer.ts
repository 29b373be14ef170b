import type { ServerResponse } from 'node:http';
import type { FoghornError } from '../../protocol/errors.js';

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

/** The body of an answer that refuses a request. Programs decide by the code, never by the text. */
export function errorBody({ code, message }: FoghornError): { code: string; message: string } {
  return { code, message };
}
