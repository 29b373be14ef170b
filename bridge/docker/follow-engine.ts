import { retry } from '../../client/own-programs.js';
import { mayPass } from '../contracts.js';
import { isNotRunning } from './engine.js';
import { EngineRecording } from './engine-recording.js';
import type { DockerRecorderContext } from './recorder-context.js';

/**
 * Takes over an engine's events until the signal aborts. Connects again whenever the connection to
 * the engine is lost.
 *
 * @throws FoghornError UNIMPLEMENTED when the peer is not a Docker engine.
 */
export async function followEngine(context: DockerRecorderContext): Promise<void> {
  const { signal, following, engineStatus } = context;
  const recording = new EngineRecording(context);
  // A connection ends without an error when the queue is full; the next one waits for space.
  while (!signal.aborted) {
    await retry(() => recording.follow(), {
      signal,
      isRetryable: mayPass,
      onFailure: (error) => {
        following.disconnected(error);
        if (isNotRunning(error)) engineStatus.gone();
      },
    });
  }
}
