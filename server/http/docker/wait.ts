import type { ServerResponse } from 'node:http';
import { FoghornError } from '../../../protocol/errors.js';
import { isOlder } from '../../docker/api-version.js';
import { isFullId, parseWaitCondition, waitForContainer } from '../../docker/wait.js';
import type { ApiRequest, DockerApi } from './api.js';
import { sendJson } from '../answer.js';

/** The code for an end that is not known. Never 0, which means success. */
const LOST_EXIT_CODE = 255;

/** POST /containers/NAME/wait. */
export async function waitForExit(api: DockerApi, request: ApiRequest): Promise<void> {
  const { version, parameters, name, response, caller, gone } = request;
  const knowsConditions = !isOlder(version, '1.30');
  const condition = parseWaitCondition(knowsConditions ? (parameters.get('condition') ?? '') : '');
  const id = isFullId(name) ? name : (await api.containers.find(caller, name)).id;
  const registered = (): void => {
    // The headers assure clients that no exit is missed from now on.
    if (knowsConditions) sendHeaders(response);
  };
  try {
    const wait = { id, condition, registered, signal: gone };
    const code = await waitForContainer(api.source, caller, wait);
    sendOutcome(response, { StatusCode: code });
  } catch (error) {
    // Before the headers this is an ordinary error. While the exit is unknown, no answer is better
    // than a wrong one.
    if (!response.headersSent || !isFinal(error)) throw error;
    const Error = isOlder(version, '1.34') ? {} : { Error: { Message: error.message } };
    // Commands before 23.0 ignore the message, and print the code.
    sendOutcome(response, { StatusCode: LOST_EXIT_CODE, ...Error });
  }
}

/** Whether another request would fail in the same way. */
function isFinal(error: unknown): error is FoghornError {
  return error instanceof FoghornError && (error.code === 'DATA_LOSS' || error.code === 'ABORTED');
}

function sendHeaders(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.flushHeaders();
}

function sendOutcome(response: ServerResponse, outcome: object): void {
  if (response.headersSent) response.end(`${JSON.stringify(outcome)}\n`);
  else sendJson(response, outcome);
}
