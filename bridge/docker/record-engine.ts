import { setTimeout as delay } from 'node:timers/promises';
import { backoffDelay } from '../../client/own-programs.js';
import { FoghornError } from '../../protocol/errors.js';
import { ConnectionNotes } from '../../cli/connection-notes.js';
import type { DockerBridge } from './bridge-parts.js';
import { saysNobodyListens } from './engine.js';
import { EngineRecording } from './engine-recording.js';

/** A connection that lasted this long, in milliseconds, makes the next loss a first one. */
const STABLE_AFTER = 1000;

/**
 * Takes over an engine's events until the signal aborts, whatever happens to the engine.
 *
 * @throws FoghornError UNIMPLEMENTED when there is no engine but somebody else.
 */
export async function recordEngine(bridge: DockerBridge): Promise<void> {
  const { signal, say, watch } = bridge;
  const notes = new ConnectionNotes('the Docker engine', say);
  const recording = new EngineRecording(bridge, notes);
  const isStopped = () => signal.aborted;
  for (let failures = 0; !isStopped(); failures++) {
    const begun = performance.now();
    try {
      await recording.follow();
    } catch (error) {
      if (isStopped()) return;
      if (!(error instanceof FoghornError) || error.code === 'UNIMPLEMENTED') throw error;
      notes.disconnected(error);
      if (saysNobodyListens(error)) watch.gone();
    }
    if (performance.now() - begun > STABLE_AFTER) failures = 0;
    await delay(backoffDelay(failures, Math.random()), undefined, { signal }).catch(() => {});
  }
}
