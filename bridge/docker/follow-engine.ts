import { setTimeout as delay } from 'node:timers/promises';
import { backoffDelay } from '../../client/own-programs.js';
import { FoghornError } from '../../protocol/errors.js';
import { isNotRunning } from './engine.js';
import { EngineRecording } from './engine-recording.js';
import type { DockerRecorderContext } from './recorder-context.js';

/** A connection that lasted this long, in milliseconds, resets the back-off. */
const STABLE_CONNECTION_MS = 1000;

/**
 * Takes over an engine's events until the signal aborts. Connects again whenever the connection to
 * the engine is lost.
 *
 * @throws FoghornError UNIMPLEMENTED when the peer is not a Docker engine.
 */
export async function followEngine(context: DockerRecorderContext): Promise<void> {
  const { signal, sourceConnection, engineStatus } = context;
  const recording = new EngineRecording(context);
  const isStopped = () => signal.aborted;
  for (let failures = 0; !isStopped(); failures++) {
    const begun = performance.now();
    try {
      await recording.follow();
    } catch (error) {
      if (isStopped()) return;
      if (!(error instanceof FoghornError) || error.code === 'UNIMPLEMENTED') throw error;
      sourceConnection.disconnected(error);
      if (isNotRunning(error)) engineStatus.gone();
    }
    if (performance.now() - begun > STABLE_CONNECTION_MS) failures = 0;
    await delay(backoffDelay(failures, Math.random()), undefined, { signal }).catch(() => {});
  }
}
