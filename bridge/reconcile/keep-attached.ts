import type { Client } from '../../client/index.js';
import { retry } from '../../client/own-programs.js';
import type { BringUpToDate } from '../../client/own-programs.js';
import { FoghornError } from '../../protocol/errors.js';
import { mayPass } from '../contracts.js';
import type { RecordedDaemon } from '../../protos/gen/foghorn/v1/recorder.js';
import type { Following } from '../following.js';
import { stateReports } from './state-reports.js';

/** Milliseconds after which a recorder gives up a question, whose caller has given up before. */
const QUESTION_MS = 10_000;

/**
 * Answers the broker's questions, and reports the recorder's state, until the signal aborts.
 * Attaches again whenever the connection is lost. A broker that does not ask is older than the
 * call, and no failure.
 */
export async function keepAttached(
  broker: Client,
  daemon: RecordedDaemon,
  bringUpToDate: (container: Parameters<BringUpToDate>[0], signal: AbortSignal) => Promise<void>,
  following: Following,
  signal: AbortSignal,
): Promise<void> {
  const answer: BringUpToDate = (container) =>
    bringUpToDate(container, AbortSignal.any([signal, AbortSignal.timeout(QUESTION_MS)]));
  try {
    const reportState = stateReports(broker, following);
    await retry(() => broker.attachRecorder(daemon, answer, signal, reportState), {
      signal,
      isRetryable: mayPass,
    });
  } catch (error) {
    // The recording itself reports a broker that refuses it.
    if (!(error instanceof FoghornError)) throw error;
  }
}
