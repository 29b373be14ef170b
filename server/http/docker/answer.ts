import type { ServerResponse } from 'node:http';
import type { FoghornError } from '../../../protocol/errors.js';
import { sendJson, sendText, setRetryAfter } from '../answer.js';
import { excerpt } from '../../../protocol/excerpt.js';

/** Sets the headers that every answer of a route has. */
export function setCommonHeaders(
  response: ServerResponse,
  apiVersion: string,
  version: string,
): void {
  response.setHeader('Api-Version', apiVersion);
  response.setHeader('Docker-Experimental', 'false');
  response.setHeader('Ostype', 'linux');
  response.setHeader('Server', `Docker/${version} (linux)`);
}

/** Answers a request whose path or method has no route. */
export function sendPageNotFound(response: ServerResponse): void {
  sendJson(response, { message: 'page not found' }, 404);
}

/**
 * Answers a request that only an engine can answer.
 *
 * @param isLookUp of one object: clients take 404 for an object that is not there, and go on
 */
export function sendHistoryOnly(
  response: ServerResponse,
  request: string,
  isLookUp: boolean,
): void {
  const message = `this socket has history only: start serve with --engine to have ${excerpt(request)} answered`;
  sendJson(response, { message }, isLookUp ? 404 : 501);
}

/** @param plain as text, as before API 1.24 */
export function sendError(response: ServerResponse, error: FoghornError, plain: boolean): void {
  const { httpStatus, message } = error;
  setRetryAfter(response, error);
  if (!plain) {
    sendJson(response, { message }, httpStatus);
    return;
  }
  response.setHeader('X-Content-Type-Options', 'nosniff');
  sendText(response, httpStatus, 'text/plain; charset=utf-8', `${message}\n`);
}
