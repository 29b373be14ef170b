import type { Logger } from 'pino';
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
      log.debug({ path: call.path, status, ms }, 'call ended');
    },
  };
}
