import type { Logger } from 'pino';
import { partsOf, traceContext, TRACEPARENT } from '../../protocol/trace-context.js';
import type { InterceptedCall, Interceptor } from './interceptor.js';

/** Logs each call that has ended, at level debug. */
export function callLog(log: Logger): Interceptor {
  const begun = new WeakMap<InterceptedCall, number>();
  return {
    begin(call) {
      begun.set(call, performance.now());
    },
    end(call, status) {
      const ms = Math.round(performance.now() - (begun.get(call) ?? NaN));
      const { path } = call;
      const trace = traceContext(call.metadata(TRACEPARENT), undefined);
      const traceId = trace && partsOf(trace.traceparent).traceId;
      log.debug({ path, status, ms, ...(traceId !== undefined && { traceId }) }, 'call ended');
    },
  };
}
