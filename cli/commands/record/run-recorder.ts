import { join } from 'node:path';
import { mayPass } from '../../../bridge/contracts.js';
import type { RecorderContext } from '../../../bridge/contracts.js';
import { findHostBoot, UNKNOWN_BOOT } from '../../../bridge/reconcile/host-boot.js';
import { RecordingState } from '../../../bridge/recording-state.js';
import { connect } from '../../../client/index.js';
import type { Client, ClientSecurity, ClientStatus } from '../../../client/index.js';
import { checkSpoolDirectory } from '../../../client/own-programs.js';
import { ConnectionNotes } from '../../connection/connection-notes.js';
import { refusalText } from '../../connection/spool-notes.js';

/** Limit of the events that wait in a recorder's spool. At the limit, the daemon keeps the rest. */
const SPOOL_BYTES = 1024 * 1024 * 1024;

/** Time for a stopped recorder to hand its spool over to the broker, in milliseconds. */
const DRAIN_TIMEOUT_MS = 600;

/** The daemon that a recorder follows. */
export interface RecordedDaemon {
  readonly kind: string;
  /** Name for messages. */
  readonly name: string;
  readonly from: string;
}

/** The broker and the spool of a recorder, and the signal that stops it. */
export interface RecorderOptions {
  /** The broker's address. */
  readonly address: string;
  readonly security: ClientSecurity;
  readonly namespace: string;
  /** Directory of the spool. */
  readonly directory: string;
  readonly stateFile: string;
  /** See `RecorderContext`. */
  readonly isPatient: boolean;
  readonly signal: AbortSignal;
  readonly print: (text: string) => void;
}

/**
 * Runs a recorder until the signal aborts.
 *
 * @throws the error by which the broker refuses the recorder's events for good.
 */
export async function runRecorder(
  options: RecorderOptions,
  daemon: RecordedDaemon,
  record: (context: RecorderContext) => Promise<void>,
): Promise<void> {
  const { address, security, namespace, directory, stateFile, isPatient } = options;
  const { signal: stopped, print } = options;
  checkSpoolDirectory(directory);
  const brokerConnection = new ConnectionNotes('the broker', print);
  const sourceConnection = new ConnectionNotes(daemon.name, print);
  const refused = new AbortController();
  const onStatus = (status: ClientStatus) => {
    if (status.state === 'refused') print(refusalText(status));
    if (status.state === 'disconnected' && !mayPass(status.error)) refused.abort(status.error);
    else brokerConnection.status(status);
  };
  const spool = { directory, maxBytes: SPOOL_BYTES };
  const broker = connect({ address, ...security, namespace, spool, onStatus });
  try {
    const signal = AbortSignal.any([stopped, refused.signal]);
    const state = await RecordingState.open(stateFile, print);
    const boot = isLocal(daemon) ? await findHostBoot(join(directory, 'boot-id')) : UNKNOWN_BOOT;
    try {
      const connections = { brokerConnection, sourceConnection };
      await record({ broker, ...connections, state, boot, isPatient, signal, say: print });
    } finally {
      await state.close();
    }
    refused.signal.throwIfAborted();
    await handOver(broker, directory, print);
  } finally {
    await broker.close();
  }
}

/** Whether the daemon runs on this host. */
function isLocal({ from }: RecordedDaemon): boolean {
  return from.startsWith('unix://') || from.startsWith('/');
}

/** Lets the broker take what is left in the spool, for a moment. */
async function handOver(
  broker: Client,
  directory: string,
  print: (text: string) => void,
): Promise<void> {
  const tooLate = AbortSignal.timeout(DRAIN_TIMEOUT_MS);
  try {
    await broker.drainSpool({ signal: tooLate });
  } catch (error) {
    if (!tooLate.aborted) throw error;
    print(`the broker has not taken all events; the rest is kept in ${directory}`);
  }
}
