/** Parts of the client for Foghorn's own programs, cli/ and bridge/. Users import index.ts. */
export { DaemonAwayError } from './recorders/attach.js';
export type { AskedContainer, BringUpToDate, ReportRecorderState } from './recorders/attach.js';
export {
  checkDirectory as checkSpoolDirectory,
  isUnfitFileSystem,
} from './spool/check-directory.js';
export { onAbort } from './on-abort.js';
export { retry, retryStream } from './retry.js';
export { parseAddress } from './transport/address.js';
