import type { ServerResponse } from 'node:http';
import { FoghornError } from '../../../protocol/errors.js';
import { checkMay } from '../../access/caller.js';
import { isOlder } from '../../docker/api-version.js';
import { isFullId, parseWaitCondition, waitForContainer } from '../../docker/wait.js';
import type { ApiRequest, DockerApi } from './api.js';
import { sendJson } from '../answer.js';

/** The code for an end that is not known. Never 0, which means success. */
const LOST_EXIT_CODE = 255;

/** Time for an engine to answer a wait that history has no code for, in milliseconds. */
const ENGINE_ANSWER_MS = 2000;

/** POST /containers/NAME/wait. */
export async function waitForExit(api: DockerApi, request: ApiRequest): Promise<void> {
  const { version, parameters, name, response, caller, gone } = request;
  const knowsConditions = !isOlder(version, '1.30');
  const condition = parseWaitCondition(knowsConditions ? (parameters.get('condition') ?? '') : '');
  // Before an engine is asked.
  checkMay(caller, 'read', api.source.namespace);
  const id = isFullId(name) ? name : (await api.containers.find(caller, name)).id;
  const over = new AbortController();
  const signal = AbortSignal.any([gone, over.signal]);
  // An engine knows the code of a failed start, of which it reports no event.
  const atEngine =
    condition === 'not-running' ? undefined : api.waitAtEngine?.(id, condition, signal);
  const registered = (): void => {
    // The headers assure clients that no exit is missed from now on.
    if (knowsConditions) sendHeaders(response);
  };
  try {
    const wait = { id, condition, registered, signal: gone };
    const code = await waitForContainer(api.source, caller, wait);
    sendOutcome(response, outcomeOf(api, code));
  } catch (error) {
    // Before the headers this is an ordinary error. While the exit is unknown, no answer is better
    // than a wrong one.
    if (!response.headersSent || !isFinal(error)) throw error;
    setTimeout(() => {
      over.abort();
    }, ENGINE_ANSWER_MS).unref();
    const code = error.code === 'DATA_LOSS' ? await atEngine : undefined;
    const isKnown = code !== undefined && code !== LOST_EXIT_CODE;
    sendOutcome(response, isKnown ? outcomeOf(api, code) : lostOutcome(version, error));
  } finally {
    over.abort();
  }
}

/** Commands before 23.0 ignore the message, and print the code. */
function lostOutcome(version: string, { message }: FoghornError): object {
  const Error = isOlder(version, '1.34') ? {} : { Error: { Message: message } };
  return { StatusCode: LOST_EXIT_CODE, ...Error };
}

/** Engines before API 1.42 send an error even where there is none. */
function outcomeOf({ hasEngine, versions }: DockerApi, StatusCode: number): object {
  if (hasEngine && isOlder(versions.max, '1.42')) return { Error: null, StatusCode };
  return { StatusCode };
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
