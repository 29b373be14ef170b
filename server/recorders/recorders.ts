import type { ContainerKey } from '../events/filing.js';
import {
  UnansweredError,
  type AttachedRecorder,
  type FollowedDaemon,
  type RecorderState,
} from './attached-recorder.js';

/**
 * Whether the history is up to date:
 * - `current`: it has everything that the daemon had done when the question was asked;
 * - `unrecorded`: no recorder stores events here, so the history is all there is to know;
 * - `unknown`: a recorder is away, or does not answer.
 */
export type Currency = 'current' | 'unrecorded' | 'unknown';

/**
 * - `attached`: is connected, and follows its daemon unless it has said otherwise;
 * - `daemon_away`: is connected, but does not follow its daemon;
 * - `gone`: was connected since the start of the broker;
 * - `missing`: was there before the broker was started, and has not come back since.
 */
export type RecorderPresence = 'attached' | 'daemon_away' | 'gone' | 'missing';

/** `following`: follows its daemon again. */
export type RecorderChange = RecorderPresence | 'following';

/** The answer of a recorder: `away` if its daemon does not run. */
type AnswerState = 'current' | 'away' | 'unknown';

/** A recorder that is attached, or was, or should be. */
export interface KnownRecorder {
  readonly daemon: FollowedDaemon;
  readonly state: RecorderPresence;
  /** When it came to be in this state, ms since 1970. */
  readonly since: number;
  /** The newest that it has reported; undefined for one that is away or reports nothing. */
  readonly reported: RecorderState | undefined;
}

/** Time after the start for recorders to come back, in milliseconds. */
const RETURN_MS = 10_000;

/** The subject of a question: one container, a namespace, or everything. */
export type QuestionSubject =
  | { readonly namespace: string; readonly container?: string }
  | { readonly namespace: undefined; readonly container?: undefined };

/**
 * The recorders that are attached to this broker. They store events a moment after these happen, so
 * an answer about the present has to ask them first.
 */
export class Recorders {
  readonly #attached = new Set<AttachedRecorder>();
  /** The recorders since the start, and those that have not come back after it, by `nameOf`. */
  readonly #known = new Map<string, KnownRecorder>();
  readonly #begun = performance.now();
  readonly #returnTimer: NodeJS.Timeout | undefined;
  readonly #onAttached = new Set<() => void>();
  #attachments = 0;

  /**
   * @param answerMs how long recorders have for an answer, in milliseconds
   * @param recordedBefore namespaces in which an engine was recorded before the start
   * @param report called when a recorder has attached or gone, has not come back after the start,
   *   or its daemon is away or back
   */
  constructor(
    private readonly answerMs: number,
    private readonly recordedBefore: readonly string[] = [],
    private readonly report: (
      change: RecorderChange,
      daemon: FollowedDaemon,
      reason?: string,
    ) => void = () => undefined,
  ) {
    if (recordedBefore.length === 0) return;
    this.#returnTimer = setTimeout(() => {
      this.#reportMissing();
    }, RETURN_MS);
    this.#returnTimer.unref();
  }

  close(): void {
    clearTimeout(this.#returnTimer);
  }

  /** The recorders of a kind of daemon that are attached. */
  attached(kind: FollowedDaemon['kind']): readonly AttachedRecorder[] {
    return [...this.#attached].filter(({ daemon }) => daemon.kind === kind);
  }

  /** How many of the daemons that were recorded since the start have no recorder now. */
  get missing(): number {
    return this.known.filter(({ state }) => state === 'gone').length;
  }

  /** The recorders since the start, in the order in which they were first seen. */
  get known(): readonly KnownRecorder[] {
    return [...this.#known.values()];
  }

  /** How often a recorder has attached: each may know what nobody knew before. */
  get attachments(): number {
    return this.#attachments;
  }

  /** Calls a function whenever a recorder has attached, until the returned function is called. */
  onAttached(call: () => void): () => void {
    this.#onAttached.add(call);
    return () => this.#onAttached.delete(call);
  }

  attach(recorder: AttachedRecorder): void {
    this.#attached.add(recorder);
    this.#change('attached', recorder.daemon);
    this.#attachments += 1;
    for (const call of [...this.#onAttached]) call();
  }

  /** Takes the state that an attached recorder reports. */
  update(recorder: AttachedRecorder, state: RecorderState): void {
    if (!this.#attached.has(recorder)) return;
    const wasFollowing = isFollowing(recorder);
    recorder.state = state;
    this.#note('attached', recorder.daemon);
    if (state.isFollowing === wasFollowing) return;
    const change = state.isFollowing ? 'following' : 'daemon_away';
    this.report(change, recorder.daemon, state.reason);
  }

  detach(recorder: AttachedRecorder): void {
    if (this.#attached.delete(recorder)) this.#change('gone', recorder.daemon);
    recorder.leave();
  }

  /**
   * Brings the history up to date, as of the time of the call. An engine knows more about its
   * containers than the containerd below it, so its answer is needed: containerd forgets runs that
   * have ended. While the engine does not run, containerd's answer is enough.
   *
   * containerd is asked about an engine's container, too: an engine that was killed during a start
   * does not know that the container runs.
   */
  async bringUpToDate(subject: QuestionSubject): Promise<Currency> {
    const { namespace } = subject;
    const asked = [...this.#attached].filter(({ daemon }) => covers(daemon.namespace, namespace));
    const isEngines = namespace !== undefined && this.#isOfEngine(namespace);
    if (asked.length === 0) {
      return isEngines || this.#wasRecorded(namespace) ? 'unknown' : 'unrecorded';
    }
    const key = containerOf(subject);
    if (!isEngines) return currencyOf(await this.#askAll(asked, key));
    const engines = asked.filter(({ daemon }) => daemon.kind === 'docker');
    const others = asked.filter(({ daemon }) => daemon.kind !== 'docker');
    if (key === undefined && engines.length > 0)
      return currencyOf(await this.#askAll(engines, key));
    const [ofEngines, ofOthers] = await Promise.all([
      this.#askAll(engines, key),
      this.#askAll(others, key),
    ]);
    if (engines.length === 0) return 'unknown';
    const isKnownBelow = others.length > 0 && ofOthers === 'current';
    return ofEngines === 'away' && isKnownBelow ? 'current' : currencyOf(ofEngines);
  }

  /**
   * Asks about an exec whose end was not reported. Recorders of containerd store it if containerd
   * knows it, or knows the exec no more. Resolves when they have answered, or take too long.
   */
  async askAboutExec(container: ContainerKey, exec: string): Promise<void> {
    const asked = [...this.#attached].filter(
      ({ daemon }) => daemon.kind === 'containerd' && covers(daemon.namespace, container.namespace),
    );
    await this.#askAll(asked, container, exec);
  }

  #reportMissing(): void {
    for (const namespace of this.recordedBefore) {
      const daemon = { kind: 'docker', namespace } as const;
      if (!this.#known.has(nameOf(daemon))) this.#change('missing', daemon);
    }
  }

  #change(change: RecorderPresence, daemon: FollowedDaemon): void {
    this.#note(change, daemon);
    this.report(change, daemon);
  }

  /** @param presence that of the daemon, unless an attached recorder shows another */
  #note(presence: RecorderPresence, daemon: FollowedDaemon): void {
    const name = nameOf(daemon);
    const attached = [...this.#attached].filter((each) => nameOf(each.daemon) === name);
    const recorder = attached.find(isFollowing) ?? attached[0];
    const state =
      recorder === undefined ? presence : isFollowing(recorder) ? 'attached' : 'daemon_away';
    const known = this.#known.get(name);
    const entered = known?.state === state ? known.since : Date.now();
    const reported = recorder?.state;
    this.#known.set(name, { daemon, state, since: reported?.since ?? entered, reported });
  }

  /** The daemons that a recorder was attached for since the start. */
  get #recordedDaemons(): FollowedDaemon[] {
    return this.known.flatMap(({ daemon, state }) => (state === 'missing' ? [] : daemon));
  }

  /** Recorders that were there before the broker was started come back within a moment. */
  #isOfEngine(namespace: string): boolean {
    if (this.#recordedDaemons.some((one) => one.kind === 'docker' && one.namespace === namespace))
      return true;
    const isEarly = performance.now() - this.#begun < RETURN_MS;
    return isEarly && this.recordedBefore.includes(namespace);
  }

  async #askAll(
    recorders: readonly AttachedRecorder[],
    key: ContainerKey | undefined,
    exec = '',
  ): Promise<AnswerState> {
    const answers = await Promise.all(
      recorders.map((recorder) => this.#answerTo(recorder.ask(key, exec))),
    );
    if (answers.includes('unknown')) return 'unknown';
    return answers.includes('away') ? 'away' : 'current';
  }

  #wasRecorded(namespace: string | undefined): boolean {
    return this.#recordedDaemons.some((daemon) => covers(daemon.namespace, namespace));
  }

  async #answerTo(asking: Promise<void>): Promise<AnswerState> {
    let timer: NodeJS.Timeout | undefined;
    const timeLimit = new Promise<'unknown'>((resolve) => {
      timer = setTimeout(() => {
        resolve('unknown');
      }, this.answerMs);
    });
    const answer = asking.then(
      () => 'current' as const,
      (error: unknown) =>
        error instanceof UnansweredError && error.daemonAway ? 'away' : ('unknown' as const),
    );
    try {
      return await Promise.race([answer, timeLimit]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Whether a recorder follows its daemon, as far as it has said. */
function isFollowing({ state }: AttachedRecorder): boolean {
  return state?.isFollowing ?? true;
}

function currencyOf(state: AnswerState): Currency {
  return state === 'current' ? 'current' : 'unknown';
}

/** Two recorders of one kind and namespace record the same daemon. */
function nameOf({ kind, namespace }: FollowedDaemon): string {
  return namespace === undefined ? kind : `${kind} ${namespace}`;
}

/** Whether a recorder's namespace, undefined for all, concerns a question about another. */
function covers(recorded: string | undefined, asked: string | undefined): boolean {
  return recorded === undefined || asked === undefined || recorded === asked;
}

function containerOf({ namespace, container }: QuestionSubject): ContainerKey | undefined {
  return container === undefined ? undefined : { namespace, container };
}
