import type { Client } from '../../client/index.js';
import { timestampFromNanos } from '../../client/index.js';
import type { ReportRecorderState } from '../../client/own-programs.js';
import { RecorderState } from '../../protos/gen/foghorn/v1/recorder.js';
import { Envelope } from '../../protos/gen/containerd/types/event.js';
import type { Following } from '../following.js';

/** Milliseconds between two looks at the spool. */
const LOOK_MS = 2000;

/** Returns what reports a recorder's state to its broker, at each change of it or of the spool. */
export function stateReports(broker: Client, following: Following): ReportRecorderState {
  return (send) => {
    let sent: string | undefined;
    let isOver = false;
    const report = async (): Promise<void> => {
      const state = await stateOf(broker, following);
      if (state === undefined || isOver) return;
      const bytes = Buffer.from(RecorderState.encode(state).finish()).toString('latin1');
      if (bytes !== sent) send(state);
      sent = bytes;
    };
    const tryReport = (): void => {
      // A spool that cannot be read ends the recording, which reports it.
      report().catch(() => undefined);
    };
    tryReport();
    const stopListening = following.onChange(tryReport);
    const looking = setInterval(tryReport, LOOK_MS);
    return () => {
      isOver = true;
      stopListening();
      clearInterval(looking);
    };
  };
}

/** Returns undefined while it is not known whether the recorder follows its daemon. */
async function stateOf(broker: Client, following: Following): Promise<RecorderState | undefined> {
  const { entries, bytes, oldest } = await broker.spoolContents();
  // Read after the spool, because reports that overlap may overtake each other there.
  const { state, missedSpans } = following;
  if (state === undefined) return undefined;
  return {
    following: state.isFollowing,
    since: timestampFromNanos(BigInt(Math.round(state.since)) * 1_000_000n),
    reason: state.reason,
    spoolEntries: BigInt(entries),
    spoolBytes: BigInt(bytes),
    oldestSpooled: oldest && Envelope.decode(oldest).timestamp,
    missedSpans: BigInt(missedSpans),
  };
}
