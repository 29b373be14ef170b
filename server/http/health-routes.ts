import { sendJson } from './answer.js';
import type { HttpRoute } from './route.js';

/** The reasons why events cannot be stored now; none when they can. */
export type ReadReasons = () => readonly { readonly source: string; readonly reason: string }[];

const STATUS_NOT_READY = 503;

/** `/healthz` answers while the process lives; `/readyz` says whether events can be stored. */
export function healthRoutes(reasons: ReadReasons): readonly HttpRoute[] {
  return [
    {
      method: 'GET',
      path: '/healthz',
      answer: ({ response }) => {
        sendJson(response, { alive: true });
      },
    },
    {
      method: 'GET',
      path: '/readyz',
      answer: ({ response }) => {
        const found = reasons();
        const ready = found.length === 0;
        sendJson(response, { ready, reasons: found }, ready ? 200 : STATUS_NOT_READY);
      },
    },
  ];
}
