import { parseQueryBoolean } from '../../docker/query-boolean.js';

/** Whether a request asks for what history knows, by `?history=1`. */
export function isRequested(parameters: URLSearchParams): boolean {
  return parseQueryBoolean(parameters.get('history'), false);
}
