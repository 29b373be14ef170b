import { FoghornError } from '../../protocol/errors.js';
import type {
  ContainerKey,
  WaitRequest,
  WaitResponse,
} from '../../protos/gen/foghorn/v1/history.js';
import { nanosFromTimestamp } from '../../protocol/timestamp.js';
import { retry } from '../retry.js';
import { connectTimeout } from '../transport/call-error.js';
import type { Connection } from '../transport/connection.js';
import { read } from '../read/read.js';
import type { ReadStatus } from '../read/read-options.js';
import { waitCall } from './wait-call.js';
import { WaitLimits } from './wait-limits.js';
import { waitCondition, waitSubject } from './wait-options.js';
import type { WaitOptions } from './wait-options.js';

/** How a run ended. */
export interface Exit {
  /** Exit status as its monitor reported it; 128 + n for a process that signal n ended. */
  readonly status: number;
  /** Time by the reporter's clock, in nanoseconds since the Unix epoch. */
  readonly exitedAt: bigint;
  /** Cursor of the entry that reported it. */
  readonly cursor: string;
  /** 0 when it was not reported. */
  readonly pid: number;
}

/**
 * Waits for the end of a run, over as many calls as needed. Once any call has reached the broker
 * over this connection, the wait survives a restart of the broker.
 *
 * @param closing aborts when the client closes
 */
export async function wait(
  connection: Connection,
  container: ContainerKey,
  options: WaitOptions,
  closing: AbortSignal,
): Promise<Exit> {
  let condition = waitCondition(options);
  const { wasReached } = connection;
  const broker = { wasReached, wasConnected: false, isConnected: false };
  const subject = waitSubject(container, options.exec);
  const limits = new WaitLimits(options, closing, () =>
    broker.wasConnected
      ? `${subject} has not ended within ${spanOf(options.timeout ?? 0)}`
      : connectTimeout(connection.peer).message,
  );
  const onStatus = (status: ReadStatus) => {
    const connected = status.state === 'connected';
    // Only the first of several calls over one connection is news.
    if (connected && broker.isConnected) return;
    broker.isConnected = connected;
    broker.wasConnected ||= connected;
    broker.wasReached ||= connected;
    options.onStatus?.(status);
  };
  const onConnected = () => {
    onStatus({ state: 'connected' });
  };
  const attempt = async () => {
    condition ??= await nextFromNow(connection, limits.signal, onStatus);
    const request = { container, execId: options.exec ?? '', condition };
    return exitIn(await waitCall(connection, request, limits.signal, onConnected));
  };
  try {
    const exit = await retry(() => renewed(attempt, broker), {
      signal: limits.signal,
      isRetryable: (error) => broker.wasReached && error.retryable,
      onFailure: (error, retryInMs) => {
        onStatus({ state: 'disconnected', error, retryInMs });
      },
    });
    if (exit !== undefined) return exit;
    throw limits.reason ?? new FoghornError('CANCELLED', 'the wait was given up');
  } finally {
    limits.release();
  }
}

/** Repeats an attempt at once while its calls only run out of time. */
async function renewed(
  attempt: () => Promise<Exit>,
  broker: { readonly wasReached: boolean },
): Promise<Exit> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const isOutOfTime = error instanceof FoghornError && error.code === 'DEADLINE_EXCEEDED';
      if (!broker.wasReached || !isOutOfTime) throw error;
    }
  }
}

/**
 * The condition "next end after the history's current last entry", so that an end while the
 * connection is lost counts too.
 */
async function nextFromNow(
  connection: Connection,
  signal: AbortSignal,
  onStatus: (status: ReadStatus) => void,
): Promise<WaitRequest['condition']> {
  const place = { start: 'now', stopWhenCaughtUp: true, signal, onStatus } as const;
  for await (const { cursor } of read(connection, place)) {
    return { $case: 'nextExit', value: { after: cursor } };
  }
  throw new FoghornError('UNAVAILABLE', 'the broker did not say where the history ends');
}

function exitIn({ exitStatus, exitedAt, cursor, pid }: WaitResponse): Exit {
  // An answer without these must not be taken for exit status 0.
  if (cursor === '' || exitedAt === undefined) {
    throw new FoghornError('UNKNOWN', 'the broker answered without saying what ended when');
  }
  return { status: exitStatus, exitedAt: nanosFromTimestamp(exitedAt), cursor, pid };
}

/** A timeout as people write it. */
function spanOf(ms: number): string {
  return ms >= 1000 && ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`;
}
