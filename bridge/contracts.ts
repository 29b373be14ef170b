import type { Client } from '../client/index.js';
import type { RecordingState } from './recording-state.js';

/** Receives the state of one connection. Repeated calls with the same state are expected. */
export interface ConnectionReport {
  connected(): void;
  disconnected(error: Error): void;
}

/** The services that every recorder needs, supplied by the program that runs it. */
export interface RecorderContext {
  /** The broker that events are stored in. */
  readonly broker: Client;
  readonly brokerConnection: ConnectionReport;
  readonly sourceConnection: ConnectionReport;
  readonly state: RecordingState;
  /** Stops the recorder once the events it has taken are stored. */
  readonly signal: AbortSignal;
  /** Shows a line of text to the operator. */
  readonly say: (text: string) => void;
}
