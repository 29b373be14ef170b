import { cpus, release, totalmem, type } from 'node:os';
import { commitOf } from './checkout.js';

const GIB = 1024 ** 3;

/**
 * The machine and the versions of a run, in one line.
 *
 * @param peers names and versions of the peers
 */
export function machineLine(...peers: readonly string[]): string {
  const [processor] = cpus();
  return [
    `${cpus().length} × ${processor?.model.trim() ?? 'unknown processor'}`,
    `${Math.round(totalmem() / GIB)} GiB`,
    `${type()} ${release()}`,
    `Node ${process.version}`,
    ...peers,
    `Foghorn at ${commitText()}`,
  ].join(', ');
}

function commitText(): string {
  const commit = commitOf(import.meta.dirname);
  return commit === undefined ? 'an unknown commit' : `commit ${commit}`;
}
