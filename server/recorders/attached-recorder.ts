import type { ContainerKey } from '../events/filing.js';

/** The daemon that a recorder follows. */
export interface FollowedDaemon {
  readonly kind: 'docker' | 'containerd';
  /** The only namespace that its events are stored in; undefined for all. */
  readonly namespace: string | undefined;
}

/** The state that a recorder has reported. Times are milliseconds since 1970. */
export interface RecorderState {
  readonly isFollowing: boolean;
  /** When it began to follow its daemon, or to miss it. */
  readonly since: number;
  /** The reason why it does not follow its daemon; empty if it does. */
  readonly reason: string;
  /** Spans of time since its start in which events of its daemon may be missing. */
  readonly missedSpans: number;
  readonly spool: SpooledEvents;
}

/** Events that wait in a recorder's spool for the broker. */
export interface SpooledEvents {
  readonly entries: number;
  readonly bytes: number;
  /** Time of the oldest, in milliseconds since 1970; undefined if none waits. */
  readonly oldest: number | undefined;
}

/**
 * Sends a question to a recorder. Without a container, it asks about everything.
 *
 * @param exec '' for the container itself, otherwise the exec in question
 */
export type SendQuestion = (
  number: bigint,
  container: ContainerKey | undefined,
  exec: string,
) => void;

/** A recorder's answer to a question. */
export interface RecorderAnswer {
  readonly number: bigint;
  /** Empty if the history is up to date. */
  readonly failure: string;
  readonly daemonAway: boolean;
}

/** A recorder cannot answer. */
export class UnansweredError extends Error {
  /** @param daemonAway whether that is because its daemon does not run */
  constructor(
    message: string,
    readonly daemonAway: boolean,
  ) {
    super(message);
  }
}

/** An answer that is waited for. */
interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: UnansweredError) => void;
}

/** Questions about one subject: one that was sent, and one that waits until that is answered. */
interface AskedSubject {
  readonly sent: Promise<void>;
  next: Promise<void> | undefined;
}

/**
 * A recorder that is attached to this broker, and the questions to it.
 *
 * A question holds for what its daemon had done when the question was sent. Of many callers with
 * the same subject, all that come while a question is under way share the next one.
 */
export class AttachedRecorder {
  readonly #waiting = new Map<bigint, Waiting>();
  readonly #subjects = new Map<string, AskedSubject>();
  #number = 0n;
  #isOver = false;
  /** The newest state that it has reported; undefined before the first, and for older recorders. */
  state: RecorderState | undefined;

  constructor(
    readonly daemon: FollowedDaemon,
    private readonly send: SendQuestion,
  ) {}

  /**
   * Resolves when the history has everything that the daemon had done before this call. Rejects
   * with an UnansweredError if the recorder cannot know that, or has gone.
   */
  ask(container: ContainerKey | undefined, exec = ''): Promise<void> {
    const name =
      container === undefined ? '' : `${container.namespace}\0${container.container}\0${exec}`;
    const begin = (): Promise<void> => this.#begin(name, container, exec);
    const subject = this.#subjects.get(name);
    if (subject === undefined) return begin();
    subject.next ??= subject.sent.then(begin, begin);
    return subject.next;
  }

  /** Takes the recorder's answer to a question. */
  answer({ number, failure, daemonAway }: RecorderAnswer): void {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    if (failure === '') waiting?.resolve();
    else waiting?.reject(new UnansweredError(failure, daemonAway));
  }

  /** Fails all questions, because the recorder has gone. */
  leave(): void {
    this.#isOver = true;
    const gone = new UnansweredError('the recorder has gone', false);
    for (const { reject } of this.#waiting.values()) reject(gone);
    this.#waiting.clear();
  }

  #begin(name: string, container: ContainerKey | undefined, exec: string): Promise<void> {
    if (this.#isOver) return Promise.reject(new UnansweredError('the recorder has gone', false));
    const sent = new Promise<void>((resolve, reject) => {
      this.#number += 1n;
      this.#waiting.set(this.#number, { resolve, reject });
      this.send(this.#number, container, exec);
    });
    const subject: AskedSubject = { sent, next: undefined };
    this.#subjects.set(name, subject);
    const forget = (): void => {
      if (this.#subjects.get(name) === subject && subject.next === undefined) {
        this.#subjects.delete(name);
      }
    };
    sent.then(forget, forget);
    return sent;
  }
}
