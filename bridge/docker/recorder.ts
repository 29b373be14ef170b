import { Following } from '../following.js';
import { runTogether } from '../run-together.js';
import { StoreQueue } from '../store-queue.js';
import { keepAttached } from '../reconcile/keep-attached.js';
import { EngineAnswers } from './engine-answers.js';
import { EngineComparison } from './engine-comparison.js';
import { FailedStarts } from './failed-starts.js';
import { ReceivedEvents } from './received-events.js';
import { EngineStatus } from './engine-status.js';
import { followEngine } from './follow-engine.js';
import { fillInMissedDies } from './missed-dies.js';
import type { DockerRecorderParts } from './recorder-context.js';

/**
 * Stores a Docker engine's events in the engine's order until the signal aborts, together with the
 * ends of containers that the engine missed.
 *
 * @throws FoghornError when either side refuses the calls for good.
 */
export async function recordDocker(parts: DockerRecorderParts): Promise<void> {
  const queue = new StoreQueue(parts);
  const engineStatus = new EngineStatus(parts.timings.reportDelay);
  const followed = new AbortController();
  await runTogether(parts.signal, (signal) => {
    const received = new ReceivedEvents();
    const following = new Following(parts.sourceConnection);
    const context = { ...parts, signal, queue, engineStatus, received, following };
    const answers = new EngineAnswers(context);
    const comparison = new EngineComparison(context, answers);
    const failedStarts = new FailedStarts(answers, signal);
    received.onEvent = (event) => {
      comparison.onEvent(event);
      answers.onEvent(event);
      failedStarts.onEvent(event);
    };
    const daemon = { kind: 'docker', address: parts.engine.name, namespace: parts.namespace };
    const answering = keepAttached(
      parts.broker,
      daemon,
      (asked, limited) => answers.bringUpToDate(asked, limited),
      following,
      signal,
    );
    const recording = followEngine(context).finally(() => {
      followed.abort();
    });
    return [
      recording,
      fillInMissedDies(context),
      comparison.run(),
      answering,
      queue.run(followed.signal),
    ];
  });
}
