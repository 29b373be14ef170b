import { checkMay, EVERY_NAMESPACE } from '../access/caller.js';
import type { HttpRoute } from './route.js';
import { sendText } from './answer.js';

/** Writes all metrics in a text format. */
export type WriteMetrics = () => Promise<{ readonly contentType: string; readonly text: string }>;

/** `/metrics`, for Prometheus. */
export function metricsRoute(write: WriteMetrics): HttpRoute {
  return {
    method: 'GET',
    path: '/metrics',
    answer: async ({ response, caller }) => {
      // The labels have names of every namespace.
      checkMay(caller, 'read', EVERY_NAMESPACE);
      const { contentType, text } = await write();
      sendText(response, 200, contentType, text);
    },
  };
}
