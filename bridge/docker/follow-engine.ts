import { retry } from '../../client/own-programs.js';
import { mayDaemonReturn } from '../contracts.js';
import { explainDaemon } from '../wrong-daemon.js';
import { isNotRunning } from './engine.js';
import { EngineRecording } from './engine-recording.js';
import type { DockerRecorderContext } from './recorder-context.js';

/**
 * Takes over an engine's events until the signal aborts. Connects again whenever the connection to
 * the engine is lost.
 *
 * @throws FoghornError UNIMPLEMENTED when the peer is not a Docker engine, and FAILED_PRECONDITION
 *   when it serves the history that is recorded into.
 */
export async function followEngine(context: DockerRecorderContext): Promise<void> {
  const { signal, following, engineStatus, engine } = context;
  const recording = new EngineRecording(context);
  const follow = async (): Promise<void> => {
    try {
      await recording.follow();
    } catch (error) {
      throw await explainDaemon(error, 'docker', engine.name);
    }
  };
  // A connection ends without an error when the queue is full; the next one waits for space.
  while (!signal.aborted) {
    await retry(follow, {
      signal,
      isRetryable: (error) => mayDaemonReturn(context, error),
      onFailure: (error) => {
        following.disconnected(error);
        if (isNotRunning(error)) engineStatus.gone();
      },
    });
  }
}
