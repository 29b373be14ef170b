import { Metadata, type ServiceError } from '@grpc/grpc-js';
import type {
  AttachRequest,
  AttachResponse,
  RecordedDaemon,
  RecorderState,
} from '../../protos/gen/foghorn/v1/recorder.js';
import { FoghornError } from '../../protocol/errors.js';
import { onAbort } from '../on-abort.js';
import { cutError } from '../transport/call-error.js';
import type { Connection } from '../transport/connection.js';

/** The daemon does not run, so it starts nothing now. */
export class DaemonAwayError extends FoghornError {
  constructor(message: string, options?: ErrorOptions) {
    super('FAILED_PRECONDITION', message, options);
  }
}

/** A container that the broker asks about, or one of its execs. */
export interface AskedContainer {
  readonly namespace: string;
  readonly containerId: string;
  /** '' for the container itself. */
  readonly execId: string;
}

/**
 * Brings the history up to date: resolves when everything is stored that the daemon had done when
 * this was called. Rejects with the reason if that cannot be known: with DaemonAwayError if the
 * daemon does not run.
 */
export type BringUpToDate = (container: AskedContainer | undefined) => Promise<void>;

/**
 * Begins to send the recorder's state: now, if it is known, and whenever it changes. Returns a
 * function that stops it.
 */
export type ReportRecorderState = (send: (state: RecorderState) => void) => () => void;

/** The functions of a recorder that its broker needs. */
export interface RecorderAnswers {
  readonly bringUpToDate: BringUpToDate;
  /** Called at most once, when the broker asks for the state. */
  readonly reportState: ReportRecorderState | undefined;
}

/**
 * Attaches a recorder to the broker, and answers the broker's questions, until the signal aborts.
 * Rejects with UNAVAILABLE when the connection is lost, and with UNIMPLEMENTED when the broker is
 * older than this call.
 */
export function attach(
  connection: Connection,
  daemon: RecordedDaemon,
  { bringUpToDate, reportState }: RecorderAnswers,
  signal: AbortSignal,
): Promise<void> {
  const { services, peer } = connection;
  return new Promise((resolve, reject) => {
    const call = services.recorders.attach(new Metadata());
    const write = (message: AttachRequest['message']): void => {
      call.write({ message });
    };
    let stopReporting: (() => void) | undefined;
    const stopListening = onAbort(signal, () => {
      stopReporting?.();
      call.cancel();
      resolve();
    });
    const finish = (error: FoghornError): void => {
      stopListening();
      stopReporting?.();
      if (error.code === 'UNAVAILABLE') connection.replace(services);
      if (signal.aborted) resolve();
      else reject(error);
    };
    call.on('data', ({ number, container, execId, reportState: isStateAsked }: AttachResponse) => {
      if (isStateAsked) {
        stopReporting ??= reportState?.((state) => {
          write({ $case: 'state', value: state });
        });
        return;
      }
      bringUpToDate(container && { ...container, execId }).then(
        () => {
          write({ $case: 'answer', value: { number, failure: '', daemonAway: false } });
        },
        (error: unknown) => {
          const failure = (error as Error).message || 'the recorder cannot know';
          const daemonAway = error instanceof DaemonAwayError;
          write({ $case: 'answer', value: { number, failure, daemonAway } });
        },
      );
    });
    call.on('error', (error: ServiceError) => {
      finish(cutError(error, peer));
    });
    call.on('end', () => {
      finish(new FoghornError('UNAVAILABLE', 'the broker ended the stream'));
    });
    write({ $case: 'daemon', value: daemon });
  });
}
