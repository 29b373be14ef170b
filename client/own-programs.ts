/** Parts of the client that Foghorn's own programs (cli/, bridge/) use. Not for users: see index.ts. */
export { backoffDelay } from './backoff.js';
export { onAbort } from './on-abort.js';
export { parseAddress } from './transport/address.js';
