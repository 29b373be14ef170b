import type { Client } from '../client/index.js';
import { FoghornError } from '../protocol/errors.js';
import type { ErrorCode } from '../protocol/errors.js';
import type { HostBoot } from './reconcile/host-boot.js';
import type { RecordingState } from './recording-state.js';

/** Receives the state of one connection. Repeated calls with the same state are expected. */
export interface ConnectionReport {
  connected(): void;
  disconnected(error: Error): void;
}

/** The services that every recorder needs, supplied by the program that runs it. */
export interface RecorderContext {
  /** The broker that events are stored in; its spool is the recorder's own. */
  readonly broker: Client;
  readonly brokerConnection: ConnectionReport;
  readonly sourceConnection: ConnectionReport;
  readonly state: RecordingState;
  /** The newest boot of the daemon's host. */
  readonly boot: HostBoot;
  /** Whether to wait where another server is at the daemon's address, instead of ending. */
  readonly isPatient: boolean;
  /** Stops the recorder once the events it has taken are stored. */
  readonly signal: AbortSignal;
  /** Shows a line of text to the operator. */
  readonly say: (text: string) => void;
}

const FINAL: ReadonlySet<ErrorCode> = new Set([
  'UNIMPLEMENTED',
  'INVALID_ARGUMENT',
  'PERMISSION_DENIED',
]);

/** Whether a failure of either side may pass, so that the recorder goes on. */
export function mayPass({ code }: FoghornError): boolean {
  return !FINAL.has(code);
}

/**
 * Whether a failure of the daemon may pass. One that serves the history that is recorded into goes
 * on doing so.
 */
export function mayDaemonReturn({ isPatient }: RecorderContext, error: FoghornError): boolean {
  return error.code !== 'FAILED_PRECONDITION' && (isPatient || mayPass(error));
}
