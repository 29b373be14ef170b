import { FoghornError } from '../../../protocol/errors.js';
import { isContainerId, MAX_ID_BYTES } from '../../../protocol/identifier.js';
import type { WaitRequest } from '../../../protos/gen/foghorn/v1/history.js';
import type { ExitWait } from '../../runs/exit-wait.js';
import { containerKey } from './read-request.js';

/** Checks a WaitRequest and fills in its defaults. Throws INVALID_ARGUMENT. */
export function waitRequest({ container, execId, condition }: WaitRequest): ExitWait {
  if (container === undefined) throw new FoghornError('INVALID_ARGUMENT', 'expected a container');
  if (execId !== '' && !isContainerId(execId)) {
    throw new FoghornError(
      'INVALID_ARGUMENT',
      `exec id: expected at most ${MAX_ID_BYTES} bytes without NUL`,
    );
  }
  const key = containerKey(container);
  // containerd names the container's own process after the container.
  const process = execId === key.container ? '' : execId;
  return { key, process, condition: conditionOf(condition) };
}

function conditionOf(condition: WaitRequest['condition']): ExitWait['condition'] {
  switch (condition?.$case) {
    case 'nextExit':
      return { kind: 'next exit', after: condition.value.after };
    case 'pid':
      if (condition.value > 0) return { kind: 'pid', pid: condition.value };
      throw new FoghornError('INVALID_ARGUMENT', 'pid: expected 1 or more');
    case 'notRunning':
    case undefined:
      return { kind: 'not running' };
  }
}
