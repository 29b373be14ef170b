/** Parts of the client that Foghorn's own programs (cli/, bridge/) use. Not for users: see index.ts. */
export { onAbort } from './on-abort.js';
export { retry, retryStream } from './retry.js';
export { parseAddress } from './transport/address.js';
