import {
  AttachResponse,
  type AttachRequest,
  type RecordedDaemon,
} from '../../../protos/gen/foghorn/v1/recorder.js';
import { FoghornError } from '../../../protocol/errors.js';
import { quotedExcerpt } from '../../../protocol/excerpt.js';
import { checkMay, EVERY_NAMESPACE, type Caller } from '../../access/caller.js';
import type { ContainerKey } from '../../events/filing.js';
import { checkNamespace } from '../../events/names.js';
import { AttachedRecorder, type FollowedDaemon } from '../../recorders/attached-recorder.js';
import type { Recorders } from '../../recorders/recorders.js';
import type { Call, RequestHandler, ResponseStream } from '../service.js';

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
    call.signal.addEventListener('abort', () => {
      drained.removeEventListener('abort', end);
      this.#leave();
    });
    if (drained.aborted) this.end();
  }

  take({ message }: AttachRequest): void {
    try {
      if (this.#recorder === undefined) {
        if (message?.$case !== 'daemon') throw invalid('expected the daemon in the first request');
        const daemon = daemonIn(message.value);
        // A recorder says what is stored of its daemon, so it must be allowed to store all of it.
        checkMay(this.#caller, 'publish', daemon.namespace ?? EVERY_NAMESPACE);
        this.#attach(daemon);
      } else {
        if (message?.$case !== 'answer') throw invalid('expected an answer');
        this.#recorder.answer(message.value.number, message.value.failure);
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

  #attach(daemon: FollowedDaemon): void {
    this.#recorder = new AttachedRecorder(daemon, (number, key, execId) => {
      const container = key && messageOf(key);
      const question = AttachResponse.encode({ number, container, execId }).finish();
      void this.responses.send(Buffer.from(question));
    });
    this.recorders.attach(this.#recorder);
  }

  #leave(): void {
    if (this.#recorder !== undefined) this.recorders.detach(this.#recorder);
  }
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
