import { LOCAL } from '../access/caller.js';
import type { Interceptor } from './interceptor.js';

/** Gives each call its caller. */
export const identify: Interceptor = {
  begin(call) {
    call.caller = LOCAL;
  },
};
