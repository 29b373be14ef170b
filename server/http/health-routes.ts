import { sendJson } from './answer.js';
import type { HttpRoute } from './route.js';

/** Sentences for an operator, each with the part of the broker that it is about. */
type ReadReasons = () => readonly { readonly source: string; readonly reason: string }[];

const STATUS_NOT_READY = 503;

/**
 * `/healthz` answers while the process lives; `/readyz` says whether events can be stored.
 *
 * @param reasons why events cannot be stored now; none when they can
 * @param warnings about what needs attention, though events can be stored
 */
export function healthRoutes(reasons: ReadReasons, warnings: ReadReasons): readonly HttpRoute[] {
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
        const body = { ready, reasons: found, warnings: warnings() };
        sendJson(response, body, ready ? 200 : STATUS_NOT_READY);
      },
    },
  ];
}
