import {
  TasksService,
  WaitRequest,
  WaitResponse,
} from '../../../protos/gen/containerd/services/tasks/v1/tasks.js';
import { timestampFromNanos } from '../../../protocol/timestamp.js';
import type { Caller } from '../../access/caller.js';
import type { ContainerKey } from '../../events/filing.js';
import { foldContainer } from '../../runs/container-past.js';
import type { RunSource } from '../../runs/exit-wait.js';
import { waitForExit } from '../../runs/wait.js';

/** Time limit for the end of a task that containerd does not know, in milliseconds. */
const ANSWER_MS = 3000;

/** A call of `tasks.v1.Wait` that containerd answered with NOT_FOUND. */
interface ForgottenTask {
  /** The encoded WaitRequest. */
  readonly request: Buffer;
  readonly caller: Caller;
  readonly namespace: string;
  readonly signal: AbortSignal;
}

/** The methods whose answers history may know when containerd does not, by their paths. */
export function taskSubstitutes(source: RunSource) {
  const wait = (task: ForgottenTask) => waitForForgottenTask(source, task);
  return new Map([[TasksService.wait.path, wait]]);
}

/** Returns the encoded WaitResponse from history; undefined if that does not know the end. */
async function waitForForgottenTask(
  source: RunSource,
  { request, caller, namespace, signal }: ForgottenTask,
): Promise<Uint8Array | undefined> {
  const { containerId, execId } = WaitRequest.decode(request);
  const key = { namespace, container: containerId };
  await source.recorders.bringUpToDate(key);
  if (!(await isKnown(source, caller, key))) return undefined;
  const process = execId === containerId ? '' : execId;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  try {
    const wait = { key, process, condition: { kind: 'not running' } } as const;
    const { status, exitedAt } = await waitForExit(source, caller, wait, limited);
    const response = { exitStatus: status, exitedAt: timestampFromNanos(exitedAt) };
    return WaitResponse.encode(response).finish();
  } catch {
    // The status of containerd says at least that the task is gone.
    return undefined;
  }
}

async function isKnown({ broker }: RunSource, caller: Caller, key: ContainerKey): Promise<boolean> {
  const everything = { after: 0, upTo: Infinity };
  const found = await foldContainer(broker, caller, key, everything, {
    begin: () => ({ isKnown: false }),
    take: (result) => {
      result.isKnown = true;
      return false;
    },
  });
  return found.isKnown;
}
