import { FoghornError } from '../../../protocol/errors.js';
import { parseCursor } from '../../events/cursor.js';
import type { ExitCondition } from '../../runs/exit-wait.js';
import { waitForExit } from '../../runs/wait.js';
import { containerKey } from '../../services/history/read-request.js';
import { sendJson } from '../answer.js';
import type { HttpRequest, HttpRoute } from '../route.js';
import type { HttpApi } from './api.js';
import { timeJson } from './describe.js';
import {
  checkNames,
  invalidQuery,
  parseCount,
  parseDurationParameter,
  parseFlag,
} from './query.js';

const DEFAULT_TIMEOUT_MS = 30_000;
const MAX_TIMEOUT_MS = 3_600_000;
const MAX_PID = 2 ** 32 - 1;

/** A long poll: answers with how a run ended, or with 204 when the time is over. */
export function waitRoute(api: HttpApi): HttpRoute {
  return {
    method: 'GET',
    path: '/v1/containers/{namespace}/{id}/wait',
    answer: (request) => answerWait(api, request),
  };
}

async function answerWait(
  api: HttpApi,
  { response, parameters, query, caller, gone }: HttpRequest,
) {
  checkNames(query, ['timeout', 'exec', 'pid', 'next', 'after']);
  const { namespace = '', id = '' } = parameters;
  const key = containerKey({ namespace, containerId: id });
  const wait = { key, process: query.get('exec') ?? '', condition: conditionOf(query) };
  const timeout = Math.min(
    parseDurationParameter(query, 'timeout') ?? DEFAULT_TIMEOUT_MS,
    MAX_TIMEOUT_MS,
  );
  const timeLimit = AbortSignal.timeout(timeout);
  try {
    const exit = await waitForExit(api, caller, wait, AbortSignal.any([gone, timeLimit]));
    sendJson(response, {
      exit_code: exit.status,
      exited_at: timeJson(exit.exitedAt),
      pid: exit.pid,
      cursor: exit.cursor,
    });
  } catch (error) {
    if (!(timeLimit.aborted && error instanceof FoghornError && error.code === 'CANCELLED')) {
      throw error;
    }
    response.writeHead(204);
    response.end();
  }
}

function conditionOf(query: URLSearchParams): ExitCondition {
  const pid = parseCount(query, 'pid', { min: 1, max: MAX_PID });
  const after = query.get('after');
  const isNext = parseFlag(query, 'next') === true || after !== null;
  if (pid !== undefined && isNext) throw invalidQuery('pid', 'no next or after beside it');
  if (pid !== undefined) return { kind: 'pid', pid };
  if (!isNext) return { kind: 'not running' };
  if (after !== null) parseCursor(after);
  return { kind: 'next exit', after: after ?? '' };
}
