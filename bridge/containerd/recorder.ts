import type { Envelope } from '../../client/index.js';
import { keepAttached } from '../reconcile/keep-attached.js';
import { refuseOwnHistory } from '../own-history.js';
import { Following } from '../following.js';
import { runTogether } from '../run-together.js';
import { StoreQueue } from '../store-queue.js';
import { ContainerDescriptions } from './container-descriptions.js';
import { followContainerd } from './follow-containerd.js';
import { TaskComparison } from './task-comparison.js';
import type { ContainerdRecorderParts } from './recorder-context.js';
import { UnrecordedCreations } from './unrecorded-creations.js';

/** Limits of events that containerd has sent and that are not flushed yet. */
const TIMINGS = { queueCapacity: 4096, shutdownGrace: 1000 };

/**
 * Stores every event of a containerd in containerd's order until the signal aborts. Events are
 * flushed to the recorder's spool before more are read, so containerd keeps the rest meanwhile.
 *
 * @throws FoghornError when either side refuses the calls for good, or serves the same history.
 */
export async function recordContainerd(parts: ContainerdRecorderParts): Promise<void> {
  const { source, broker, from } = parts;
  const queue = new StoreQueue({ ...parts, timings: TIMINGS });
  const descriptions = new ContainerDescriptions(from);
  const followed = new AbortController();
  try {
    await runTogether(parts.signal, (signal) => {
      const onEvent = (envelope: Envelope) => {
        comparison.onEvent(envelope);
        creations.onEvent(envelope);
      };
      const onBegan = (time: bigint) => {
        comparison.onBegan(time);
        creations.began(time);
      };
      const following = new Following(parts.sourceConnection);
      const context = { ...parts, signal, queue, descriptions, following, onEvent, onBegan };
      const creations = new UnrecordedCreations(context);
      const comparison = new TaskComparison(context, creations);
      const daemon = { kind: 'containerd', address: from, namespace: '' };
      const recording = followContainerd(context).finally(() => {
        followed.abort();
      });
      return [
        recording,
        comparison.run(),
        creations.run(),
        keepAttached(
          broker,
          daemon,
          (asked, limited) => comparison.bringUpToDate(asked, limited),
          following,
          signal,
        ),
        queue.run(followed.signal),
        refuseOwnHistory(source, broker, from, signal),
      ];
    });
  } finally {
    descriptions.close();
  }
}
