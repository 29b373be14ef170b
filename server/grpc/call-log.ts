import type { Logger } from 'pino';
import { traceIdField, TRACEPARENT } from '../../protocol/trace-context.js';
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
      log.debug({ path, status, ms, ...traceIdField(call.metadata(TRACEPARENT)) }, 'call ended');
    },
  };
}
