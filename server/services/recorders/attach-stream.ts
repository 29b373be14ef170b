import {
  AttachResponse,
  type AttachRequest,
  type RecordedDaemon,
  type RecorderState as ReportedState,
} from '../../../protos/gen/foghorn/v1/recorder.js';
import type { Timestamp } from '../../../protos/gen/google/protobuf/timestamp.js';
import { FoghornError } from '../../../protocol/errors.js';
import { excerpt, quotedExcerpt } from '../../../protocol/excerpt.js';
import { isValidInstant } from '../../../protocol/rfc3339.js';
import { nanosFromTimestamp } from '../../../protocol/timestamp.js';
import { checkMay, EVERY_NAMESPACE, type Caller } from '../../access/caller.js';
import type { ContainerKey } from '../../events/filing.js';
import { checkNamespace } from '../../events/names.js';
import {
  AttachedRecorder,
  type FollowedDaemon,
  type RecorderState,
} from '../../recorders/attached-recorder.js';
import type { Recorders } from '../../recorders/recorders.js';
import type { Call, RequestHandler, ResponseStream } from '../service.js';

/** Longest reason of a recorder that is kept, in UTF-16 units. */
const MAX_REASON_CHARS = 300;

/** One call of Attach: a recorder for as long as the call lasts. */
export class AttachStream implements RequestHandler<AttachRequest> {
  #recorder: AttachedRecorder | undefined;
  readonly #caller: Caller;

  /** @param drained aborts when the broker drains, which ends the call */
  constructor(
    call: Call,
    private readonly responses: ResponseStream,
    private readonly recorders: Recorders,
    drained: AbortSignal,
  ) {
    this.#caller = call.caller;
    const end = (): void => {
      this.end();
    };
    drained.addEventListener('abort', end, { once: true });
    const stopWatching = call.caller.onChange?.(() => {
      this.#checkRights();
    });
    call.signal.addEventListener('abort', () => {
      drained.removeEventListener('abort', end);
      stopWatching?.();
      this.#leave();
    });
    if (drained.aborted) this.end();
  }

  take({ message }: AttachRequest): void {
    try {
      if (this.#recorder === undefined) {
        if (message?.$case !== 'daemon') throw invalid('expected the daemon in the first request');
        const daemon = daemonIn(message.value);
        const { kind, namespace = EVERY_NAMESPACE } = daemon;
        checkMayRecord(this.#caller, namespace);
        this.#attach(daemon);
        this.#caller.audit?.changed({ action: 'attach recorder', kind, namespace });
      } else if (message?.$case === 'answer') {
        this.#recorder.answer(message.value);
      } else if (message?.$case === 'state') {
        this.recorders.update(this.#recorder, stateIn(message.value));
      } else {
        throw invalid('expected an answer or a state');
      }
    } catch (error) {
      this.#leave();
      this.responses.fail(error);
    }
  }

  end(): void {
    this.#leave();
    this.responses.end();
  }

  /** Ends the call when the caller has lost a right. */
  #checkRights(): void {
    if (this.#recorder === undefined) return;
    const { namespace = EVERY_NAMESPACE } = this.#recorder.daemon;
    try {
      checkMayRecord(this.#caller, namespace);
    } catch (error) {
      this.#leave();
      this.responses.fail(error);
    }
  }

  #attach(daemon: FollowedDaemon): void {
    this.#recorder = new AttachedRecorder(daemon, (number, key, execId) => {
      const container = key && messageOf(key);
      const question = { number, container, execId, reportState: false };
      void this.responses.send(Buffer.from(AttachResponse.encode(question).finish()));
    });
    this.recorders.attach(this.#recorder);
    void this.responses.send(ASK_FOR_STATE);
  }

  #leave(): void {
    if (this.#recorder !== undefined) this.recorders.detach(this.#recorder);
  }
}

/**
 * A recorder says what is stored of its daemon, so it must be allowed to store all of it. Questions
 * to it name the containers that others ask about, so it must be allowed to read them.
 */
function checkMayRecord(caller: Caller, namespace: string): void {
  checkMay(caller, 'publish', namespace);
  checkMay(caller, 'read', namespace);
}

const ASK_FOR_STATE = Buffer.from(
  AttachResponse.encode(AttachResponse.fromPartial({ reportState: true })).finish(),
);

function stateIn(state: ReportedState): RecorderState {
  const { following, since, reason, spoolEntries, spoolBytes, oldestSpooled } = state;
  return {
    isFollowing: following,
    since: millisOf(since) ?? Date.now(),
    reason: following ? '' : excerpt(reason, MAX_REASON_CHARS),
    missedSpans: Number(state.missedSpans),
    spool: {
      entries: Number(spoolEntries),
      bytes: Number(spoolBytes),
      oldest: millisOf(oldestSpooled),
    },
  };
}

/** Milliseconds since 1970; undefined without a time, or for one that is none. */
function millisOf(time: Timestamp | undefined): number | undefined {
  if (time === undefined || !isValidInstant(time)) return undefined;
  return Number(nanosFromTimestamp(time) / 1_000_000n);
}

/** Throws INVALID_ARGUMENT for a kind of daemon that is not known. */
function daemonIn({ kind, namespace }: RecordedDaemon): FollowedDaemon {
  if (kind !== 'docker' && kind !== 'containerd') {
    throw invalid(`kind: expected docker or containerd, got ${quotedExcerpt(kind)}`);
  }
  if (namespace === '') return { kind, namespace: undefined };
  checkNamespace(namespace, 'recorder: ');
  return { kind, namespace };
}

function messageOf({ namespace, container }: ContainerKey): {
  namespace: string;
  containerId: string;
} {
  return { namespace, containerId: container };
}

function invalid(text: string): FoghornError {
  return new FoghornError('INVALID_ARGUMENT', text);
}
