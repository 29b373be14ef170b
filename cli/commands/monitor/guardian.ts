import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { OBSERVED_RUN_TOPIC } from '../../../protocol/recorder-topics.js';
import type { Task } from './task-events.js';

/**
 * Waits for the end of its input. Without a line before, whoever wrote it was killed: then it waits
 * for the end of the command, and reports that. A shell, because it takes little memory.
 */
const SCRIPT = `
read -r done && exit 0
while kill -0 "$0" 2>/dev/null; do sleep 0.5; done
exec "$@"
`;

/** The destination of a guardian's report. */
interface ReportTarget {
  readonly address: string;
  readonly securityArguments: readonly string[];
  readonly spool: string;
}

/**
 * Reports that the end of a command is lost if the process that monitors it is killed. It is a
 * process of its own, in a session of its own.
 */
export class Guardian {
  readonly #child: ChildProcess;

  /** @param program argv of this program, up to the first argument */
  constructor(program: readonly string[], { namespace, containerId, pid }: Task, to: ReportTarget) {
    const event = {
      container_id: containerId,
      pid,
      lost: { reason: '`foghorn monitor` was killed before the command ended' },
    };
    const report = [
      ...program,
      ...['--address', to.address, ...to.securityArguments, '--namespace', namespace],
      ...['publish', '--spool', to.spool, '--topic', OBSERVED_RUN_TOPIC],
      ...['--type', 'foghorn.v1.ObservedRun', '--json', JSON.stringify(event)],
    ];
    this.#child = spawn('/bin/sh', ['-c', SCRIPT, String(pid), ...report], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    // Without a guardian, the command is monitored all the same.
    this.#child.on('error', () => {});
    this.#child.stdin?.on('error', () => {});
    this.#child.unref();
  }

  /** The end of the command is reported. */
  dismiss(): void {
    this.#child.stdin?.end('done\n');
  }
}
