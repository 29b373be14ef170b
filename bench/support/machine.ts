import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';

const GIB = 1024 ** 3;

/**
 * What the figures were measured on, in one line.
 *
 * @param peers what else takes part, with its version
 */
export function machineLine(...peers: readonly string[]): string {
  const [processor] = cpus();
  return [
    `${cpus().length} × ${processor?.model.trim() ?? 'unknown processor'}`,
    `${Math.round(totalmem() / GIB)} GiB`,
    `${type()} ${release()}`,
    `Node ${process.version}`,
    ...peers,
    `Foghorn at ${commit()}`,
  ].join(', ');
}

function commit(): string {
  try {
    const git = ['describe', '--always', '--dirty', '--abbrev=10'];
    return `commit ${execFileSync('git', git, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()}`;
  } catch {
    return 'an unknown commit';
  }
}
